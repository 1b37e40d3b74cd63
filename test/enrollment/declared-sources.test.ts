import { expect, test } from "vitest";
import { parseDeclaration, renderDeclaration } from "../../src/enrollment/declaration.ts";
import { listSources, watchedPaths } from "../../src/enrollment/declared-sources.ts";
import { valueOf } from "../support/registry-client.ts";

const DAY = 86_400_000;

function declared(sources: string, registry = "devregistry") {
  const text = `version: 1\nregistry: "${registry}"\n${sources}`;
  return parseDeclaration(text, `/etc/regclient/registries.d/${registry}.yaml`);
}

function listed(sources: string, registry?: string): readonly string[] {
  const { name, declaration } = valueOf(declared(sources, registry));
  return listSources(declaration, name).map(({ location, holdDownMs }) => `${location} ${holdDownMs / DAY}d`);
}

function entry(...lines: readonly string[]): string {
  return `trust:\n  sources:\n    - ${lines.join("\n      ")}\n`;
}

const wellKnown = "https://devregistry/.well-known/regclient/trust.pem 1d";

type Row = readonly [string, string, readonly string[]];

const rows: readonly Row[] = [
  ["by default", "", [wellKnown]],
  ["none", "trust:\n  sources: []\n", []],
  ["the well-known file", entry("kind: well-known"), [wellKnown]],
  ["for longer", entry("kind: well-known", "holdDown: P3D"), [wellKnown.replace(" 1d", " 3d")]],
  [
    "on another server",
    entry("kind: well-known", "url: https://pki.test"),
    ["https://pki.test/.well-known/regclient/trust.pem 1d"],
  ],
  ["a URL, as it is", entry("kind: url", "url: https://pki.test/?ca=1"), ["https://pki.test/?ca=1 1d"]],
  ["a file", entry("kind: file", "path: /srv/ca.pem"), ["/srv/ca.pem 0d"]],
  ["Harbor", entry("kind: harbor"), ["https://devregistry/api/v2.0/systeminfo/getcert 1d"]],
  ["EST", entry("kind: est", "url: https://est.test:8443"), ["https://est.test:8443/.well-known/est/cacerts 1d"]],
  [
    "EST with a label",
    entry("kind: est", "url: https://est.test/.well-known/est/tls/cacerts"),
    ["https://est.test/.well-known/est/tls/cacerts 1d"],
  ],
  ["step-ca", entry("kind: step-ca", "url: https://ca.test:9000/"), ["https://ca.test:9000/roots.pem 1d"]],
  ["Vault", entry("kind: vault", "url: https://vault.test:8200"), ["https://vault.test:8200/v1/pki/ca/pem 1d"]],
  [
    "Vault at another mount",
    entry("kind: vault", "url: https://vault.test:8200", "mount: team/pki", "holdDown: 0s"),
    ["https://vault.test:8200/v1/team/pki/ca/pem 0d"],
  ],
  ["the same place twice", `${entry("kind: well-known")}    - kind: well-known\n      holdDown: 0s\n`, [wellKnown]],
];

test.each(rows)("sources: %s", (_, text, expected) => {
  expect(listed(text)).toEqual(expected);
});

test.each([
  ["reg.test:5000", "https://reg.test:5000/.well-known/regclient/trust.pem 1d"],
  ["[fd00::5]:5000", "https://[fd00::5]:5000/.well-known/regclient/trust.pem 1d"],
])("the source of %s by default", (registry, expected) => {
  expect(listed("", registry)).toEqual([expected]);
});

test.each([
  [entry("kind: wellknown"), "5: trust.sources.0.kind", "not a kind of source"],
  [entry("kind: url"), "5: trust.sources.0.url", "not an https:// URL"],
  [entry("kind: url", "url: http://a.test/"), "6: trust.sources.0.url", "not an https:// URL"],
  [entry("kind: url", "url: https://u:p@a.test/"), "6: trust.sources.0.url", "no source is given one"],
  [entry("kind: file", "path: ca.pem"), "6: trust.sources.0.path", "not an absolute path"],
  [entry("kind: file", "url: https://a.test/"), "5: trust.sources.0.path", "expected string"],
  [entry("kind: vault", "url: https://a.test/", "mount: ../sys"), "7: trust.sources.0.mount", "not the path"],
  [entry("kind: est", "url: https://a.test/", "holdDown: soon"), "7: trust.sources.0.holdDown", "not a length of time"],
  [entry("kind: harbor", "hold-down: 1d"), "6: trust.sources.0.hold-down", "Unrecognized key"],
  ["trust:\n  sources: well-known\n", "4: trust.sources", "expected array"],
])("%j is refused at line and key %s", (text, where, reason) => {
  const refused = declared(text);
  if (refused.ok) throw new Error("it was taken");
  expect(refused.problem.summary).toContain(`devregistry.yaml:${where}`);
  expect(refused.problem.cause).toContain(reason);
  expect(JSON.stringify(refused.problem)).not.toContain("u:p");
});

test("a declaration with sources is written back as it stood", () => {
  const text = `version: 1\nregistry: devregistry\ntrust:\n  sources:\n    # ours\n    - kind: est\n      url: https://est.test\n`;
  const { declaration } = valueOf(parseDeclaration(text, "/etc/regclient/registries.d/devregistry.yaml"));
  expect(renderDeclaration(declaration, text)).toBe(text);
});

test("the files whose change is worth a pass", () => {
  const text = `trust:\n  caFile: /srv/ca.pem\n  sources:\n    - {kind: file, path: /srv/next.pem}\n    - {kind: file, path: /srv/ca.pem}\n    - kind: harbor\n`;
  expect(watchedPaths(valueOf(declared(text)).declaration)).toEqual(["/srv/ca.pem", "/srv/next.pem"]);
  expect(watchedPaths(valueOf(declared("")).declaration)).toEqual([]);
});
