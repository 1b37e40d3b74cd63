import * as fc from "fast-check";
import { expect, test } from "vitest";
import {
  overrideDeclaration,
  parseDeclaration,
  renderDeclaration,
  type DeclarationOverrides,
} from "../../src/enrollment/declaration.ts";
import { parseRegistryName } from "../../src/registry/name.ts";
import { codeOf, valueOf } from "../support/registry-client.ts";

const PATH = "/etc/regclient/registries.d/devregistry.yaml";
const name = valueOf(parseRegistryName("devregistry"));
const MINIMAL = "version: 1\nregistry: devregistry\n";
const PIN = `sha256:${"0a".repeat(32)}`;

const FULL = `# top
version: 1
registry: devregistry # the alias
address: 10.10.62.103
hosts: false
trust:
  fingerprints:
    - ${PIN} # the CA
  caFile: /etc/ssl/ca.pem
  caUrl: https://ca.test/ca.pem
  nextFingerprints: [${PIN}]
  grace: P30D
credentials:
  username: xl
  vault: sealed
  realms: [auth.test]
  users: [builder]
  dockerConfig: false
runtimes: [docker]
verify:
  mode: login
  repository: team/app_x
`;

test("every default is filled in", () => {
  expect(valueOf(parseDeclaration(MINIMAL, PATH))).toEqual({
    name,
    declaration: {
      version: 1,
      registry: "devregistry",
      hosts: true,
      trust: { fingerprints: [], nextFingerprints: [], grace: "14d" },
      credentials: { vault: "auto", realms: [], groups: ["docker"], users: [], dockerConfig: true },
      runtimes: ["auto"],
      verify: { mode: "push-pull", repository: "regclient-smoke" },
    },
  });
});

test.each([
  ["registry: devregistry\n", "1: version", "expected 1"],
  ["version: 2\nregistry: devregistry\n", "1: version", "expected 1"],
  ["version: 1\n", "1: registry", "expected string"],
  ["version: 1\nregistry: DevRegistry\n", "2: registry", "uppercase"],
  ["version: 1\nregistry: devregistry:5000\n", "2: registry", "/etc/regclient/registries.d/devregistry:5000.yaml"],
  ["version: 1\nregistry: docker.io\n", "2: registry", "Docker Hub"],
  [`${MINIMAL}\n# why\nadress: 10.0.0.1\n`, "5: adress", "Unrecognized"],
  [`${MINIMAL}address: 10.0.0\n`, "3: address", "not an IP address"],
  [`${MINIMAL}address: 127.0.0.9\n`, "3: address", "loopback"],
  [`${MINIMAL}address: "::ffff:127.0.0.1"\n`, "3: address", "loopback"],
  [`${MINIMAL}address: 0.0.0.0\n`, "3: address", "stands for every address"],
  [`${MINIMAL}address: "0::0"\n`, "3: address", "stands for every address"],
  [`${MINIMAL}address: "::ffff:0.0.0.0"\n`, "3: address", "stands for every address"],
  [`${MINIMAL}hosts: 1\n`, "3: hosts", "expected boolean"],
  [`${MINIMAL}trust:\n  fingerprints: ${PIN}\n`, "4: trust.fingerprints", "expected array"],
  [`${MINIMAL}trust:\n  caFile: a\n`, "4: trust.caFile", "not an absolute path"],
  [
    `${MINIMAL}trust:\n  fingerprints:\n    - ${PIN}\n    - abc\n`,
    "6: trust.fingerprints.1",
    "not a SHA-256 fingerprint",
  ],
  [
    `${MINIMAL}trust:\n  nextFingerprints:\n    - ${PIN}\n    - "0a"\n`,
    "6: trust.nextFingerprints.1",
    "not a SHA-256 fingerprint",
  ],
  [`${MINIMAL}trust:\n  grace: 14\n`, "4: trust.grace", "expected string"],
  [`${MINIMAL}trust:\n  grace: P1M\n`, "4: trust.grace", "not a length of time"],
  [`${MINIMAL}trust:\n  caUrl: http://x.test/ca\n`, "4: trust.caUrl", "https://"],
  [`${MINIMAL}trust:\n  other: 1\n`, "4: trust.other", "Unrecognized"],
  [`${MINIMAL}trust: yes\n`, "3: trust", "expected object"],
  [`${MINIMAL}credentials:\n  password: hunter2\n`, "4: credentials.password", "Unrecognized"],
  [`${MINIMAL}credentials:\n  username: ""\n`, "4: credentials.username", "expected string to have >=1"],
  [`${MINIMAL}credentials:\n  vault: shoebox\n`, "4: credentials.vault", "expected one of"],
  [`${MINIMAL}runtimes: []\n`, "3: runtimes", "expected array to have >=1"],
  [`${MINIMAL}runtimes: [rkt]\n`, "3: runtimes.0", "expected one of"],
  [`${MINIMAL}verify:\n  mode: fast\n`, "4: verify.mode", "expected one of"],
  [`${MINIMAL}verify: { repository: Team/App }\n`, "3: verify.repository", "not a repository name"],
  [`${MINIMAL}registry: other\n`, "3", "unique"],
  [`${MINIMAL}trust:\n\tcaFile: /x\n`, "4", "Tabs"],
  [`${MINIMAL}address: [\n`, "4", ""],
  [`a: &a [x]\n${MINIMAL}runtimes: *a\n`, "4", "alias"],
  ["", "1", ""],
  ["just words\n", "1", "expected object"],
  ["- version: 1\n", "1", "expected object"],
  [`${MINIMAL}---\n${MINIMAL}`, "3", ""],
])("%j is refused at line and key %s", (text, where, reason) => {
  const parsed = parseDeclaration(text, PATH);
  expect(parsed).toMatchObject({ ok: false, problem: { code: "RC-CFG-001", exit: 2 } });
  const problem = parsed.ok ? undefined : parsed.problem;
  expect(problem?.summary).toBe(`the declaration is wrong at ${PATH}:${where}`);
  expect(problem?.cause).toContain(reason);
  expect(JSON.stringify(problem)).not.toContain("hunter2");
});

test("aliases upon aliases are refused before they are spread out", () => {
  const levels = Array.from({ length: 30 }, (_, index) =>
    index === 0 ? "l0: &l0 [x, x]" : `l${index}: &l${index} [${`*l${index - 1}, `.repeat(9)}*l${index - 1}]`,
  );
  expect(codeOf(parseDeclaration(`${MINIMAL}${levels.join("\n")}\nruntimes: *l29\n`, PATH))).toBe("RC-CFG-001");
});

test("no text makes it throw", () => {
  const line = fc.constantFrom(
    "version: 1",
    "registry: a",
    "? [a]",
    "- x",
    "  y: 1",
    "&a *a",
    "<<: *a",
    "!!js x",
    "%YAML",
    "...",
    "{",
    '"',
    "\t",
    "a: !!binary x",
    "null: 1",
  );
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.array(line, { maxLength: 8 }).map((lines) => lines.join("\n")),
  );
  fc.assert(
    fc.property(text, (given) => {
      const parsed = parseDeclaration(given, PATH);
      expect(parsed.ok || parsed.problem.summary.startsWith(`the declaration is wrong at ${PATH}:`)).toBe(true);
    }),
    { numRuns: 300 },
  );
});

function override(text: string | undefined, overrides: DeclarationOverrides): string {
  const existing = text === undefined ? undefined : valueOf(parseDeclaration(text, PATH)).declaration;
  return renderDeclaration(valueOf(overrideDeclaration(name, existing, overrides)), text);
}

test("a new declaration says who wrote it, and no default", () => {
  expect(override(undefined, { address: "10.10.62.103", username: "xl" })).toBe(
    `# What this host should look like for the registry devregistry.
# Written by regclient enroll, yours to edit; regclient reconcile carries it out.

version: 1
registry: devregistry
address: 10.10.62.103
credentials:
  username: xl
`,
  );
});

test.each([
  ["nothing", {}, FULL],
  ["what stands there", { address: "10.10.62.103", username: "xl", vault: "sealed" }, FULL],
  ["an address", { address: "10.0.0.9" }, FULL.replace("10.10.62.103", "10.0.0.9")],
  ["a user", { username: "ci" }, FULL.replace("username: xl", "username: ci")],
  ["a value back to its default", { mode: "push-pull" }, FULL.replace("mode: login", "mode: push-pull")],
  ["a switch", { hosts: true }, FULL.replace("hosts: false", "hosts: true")],
] as const)("overriding %s keeps comments, order and all else", (_, overrides, expected) => {
  expect(override(FULL, overrides)).toBe(expected);
});

test("an override goes into a section that was not there, and reads back", () => {
  const text = override(`# mine\n${MINIMAL}`, { mode: "login", fingerprints: [PIN], hosts: false });
  expect(text).toBe(`# mine\n${MINIMAL}hosts: false\ntrust:\n  fingerprints:\n    - ${PIN}\nverify:\n  mode: login\n`);
  expect(override(text, {})).toBe(text);
});

test("whatever is declared reads back as it was declared", () => {
  const overrides = fc.record(
    {
      address: fc.constantFrom("10.0.0.1", "fd00::5"),
      hosts: fc.boolean(),
      username: fc.string({ minLength: 1, unit: "grapheme" }),
      users: fc.array(fc.string({ minLength: 1 })),
      realms: fc.array(fc.constantFrom("auth.test", "yes", "1", "null")),
      fingerprints: fc.subarray([PIN, `spki:${"0".repeat(64)}`]),
      mode: fc.constantFrom("login", "pull"),
      dockerConfig: fc.boolean(),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(overrides, overrides, fc.constantFrom(undefined, MINIMAL, FULL), (first, second, text) => {
      let current = text;
      for (const each of [first, second]) {
        const existing = current === undefined ? undefined : valueOf(parseDeclaration(current, PATH)).declaration;
        const wanted = valueOf(overrideDeclaration(name, existing, each));
        current = renderDeclaration(wanted, current);
        expect(valueOf(parseDeclaration(current, PATH)).declaration).toEqual(wanted);
        expect(renderDeclaration(wanted, current)).toBe(current);
      }
    }),
  );
});

test("the port that is taken anyway may stand in the file", () => {
  expect(codeOf(parseDeclaration(MINIMAL.replace("devregistry", "devregistry:443"), PATH))).toContain("no problem");
});

test.each([
  [{ address: "10.0.0" }, "--address"],
  [{ address: "127.0.0.1" }, "--address"],
  [{ fingerprints: ["abc"] }, "--fingerprint"],
  [{ username: "" }, "--username"],
  [{ username: "a\nb" }, "--username"],
  [{ vault: "x" }, "--vault"],
  [{ realms: [""] }, "--realm"],
  [{ users: [""] }, "--user"],
  [{ runtimes: ["rkt"] }, "--runtime"],
  [{ mode: "fast" }, "--mode"],
  [{ repository: "A" }, "--repository"],
])("an override with %j names its option", (overrides, option) => {
  const refused = overrideDeclaration(name, undefined, overrides);
  expect(codeOf(refused)).toBe("RC-CFG-005");
  expect(refused.ok ? "" : refused.problem.summary).toMatch(new RegExp(`^${option} cannot be used: `));
  expect(refused.ok ? [] : refused.problem.fix).toEqual(["regclient enroll --help"]);
});

test.each(["registry: [\n", "\u0000: {", "", "just words\n"])(
  "a file that somebody is half through writing stays: %j",
  (text) => {
    const declaration = valueOf(overrideDeclaration(name, undefined, {}));
    expect(renderDeclaration(declaration, text)).toBe(text);
  },
);
