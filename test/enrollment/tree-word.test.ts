import { expect, test } from "vitest";
import { secret } from "../../src/credentials/secret.ts";
import { overrideDeclaration, type DeclarationOverrides } from "../../src/enrollment/declaration.ts";
import type { EnrollRequest, Pass } from "../../src/enrollment/pass.ts";
import type { Anchor, RegistryState } from "../../src/enrollment/state.ts";
import { hearTree } from "../../src/enrollment/tree-word.ts";
import { unattended } from "../../src/enrollment/unattended.ts";
import { parseRegistryName } from "../../src/registry/name.ts";
import type { Certificate } from "../../src/trust/certificate.ts";
import { showFingerprint } from "../../src/trust/fingerprint.ts";
import { makeCA } from "../support/pki.ts";
import { makeFakeHost } from "../support/fake-host.ts";
import { makeFakeKeychain } from "../support/fake-keychain.ts";
import { valueOf } from "../support/registry-client.ts";

const name = valueOf(parseRegistryName("reg.test"));
const [good, theirs] = [makeCA({ commonName: "good" }).certificate, makeCA({ commonName: "theirs" }).certificate];
const sources = [{ kind: "url" as const, url: "https://evil.test/next" }];
const pinned = { fingerprints: [showFingerprint(good)] };
const password = { password: secret("s3cret-pass") };

function anchor(certificate: Certificate, claimed: Certificate = certificate): Anchor {
  const why = { reason: "fingerprint", evidence: "x", since: "2026-01-01", by: "somebody" } as const;
  return { fingerprint: showFingerprint(claimed), pem: certificate.pem, ...why };
}

function stateWith(anchors: readonly Anchor[], username?: string): RegistryState {
  const lists = { dockerConfigs: [], files: [] };
  const rest = { version: 1, registry: "reg.test", enrolledAt: "2026-01-01" } as const;
  const credential = username === undefined ? {} : { credential: { vault: "sealed" as const, item: "/x", username } };
  return { ...rest, ...lists, ...credential, anchors: [...anchors] };
}

/** What is heard of a tree that declares and holds `theirs`. */
function hear(root: string, request: Partial<EnrollRequest>, state = stateWith([anchor(theirs), anchor(good)])) {
  const notes: string[] = [];
  const nothing = (): void => undefined;
  const watch = { begin: nothing, note: (text: string) => void notes.push(text), waiting: nothing, recovered: nothing };
  const pass: Pass = { host: makeFakeHost({ root }), keychain: makeFakeKeychain(), watch };
  const full: EnrollRequest = { ...unattended(name, 1), ...request };
  const declared: DeclarationOverrides = { fingerprints: [showFingerprint(theirs)], realms: ["evil.test"] };
  const existing = valueOf(overrideDeclaration(name, undefined, { ...declared, username: "xl" }));
  const trust = {
    ...existing.trust,
    nextFingerprints: [showFingerprint(theirs)],
    caUrl: "https://evil.test/ca",
    sources,
  };
  const declaration = valueOf(overrideDeclaration(name, { ...existing, trust }, full.overrides));
  const heard = hearTree(pass, full, declaration, state);
  return {
    ...heard.declaration.trust,
    realms: heard.declaration.credentials.realms,
    anchors: (heard.state?.anchors ?? []).map(({ pem }) => (pem === good.pem ? "good" : "theirs")),
    isTreeUnheard: heard.isTreeUnheard,
    notes: notes.length,
  };
}

const all = { fingerprints: [showFingerprint(theirs)], realms: ["evil.test"], anchors: ["theirs", "good"] };
const heardAll = { ...all, caUrl: "https://evil.test/ca", sources, isTreeUnheard: false, notes: 0 };
const nothingHeard = {
  fingerprints: [],
  nextFingerprints: [],
  sources: [],
  realms: [],
  anchors: [],
  isTreeUnheard: true,
};
const ask = { askPassword: async () => undefined };

test.each([
  ["a password on a host of one's own", "/", password, heardAll],
  ["no password", "/srv/image", {}, heardAll],
  ["a password", "/srv/image", password, { ...nothingHeard, notes: 1 }],
  ["somebody who will be asked for one", "/srv/image", ask, { ...nothingHeard, notes: 1 }],
  [
    "a password, and a fingerprint",
    "/srv/image",
    { ...password, overrides: pinned },
    { ...nothingHeard, ...pinned, anchors: ["good"] },
  ],
  [
    "a password, and a certificate",
    "/srv/image",
    { ...password, supplied: { origin: "/ca.crt", reason: "ca-file" as const, certificates: [good] } },
    { ...nothingHeard, anchors: ["good"] },
  ],
  [
    "a password, and a token server",
    "/srv/image",
    { ...password, overrides: { realms: ["auth.test"] } },
    { ...nothingHeard, realms: ["auth.test"] },
  ],
] as const)("what counts of what a tree says: %s", (_, root, request, heard) => {
  const found = hear(root, request);
  expect(found).toMatchObject(heard);
  if (heard.isTreeUnheard) expect(found.caUrl).toBeUndefined();
});

test("nobody is asked for a password that is stored, so the tree is heard", () => {
  expect(hear("/srv/image", ask, stateWith([anchor(theirs)], "xl")).anchors).toEqual(["theirs"]);
  expect(hear("/srv/image", ask, stateWith([anchor(theirs)], "anna")).anchors).toEqual([]);
});

test("a record that claims another fingerprint for a certificate is not believed", () => {
  const request = { ...password, overrides: pinned };
  const both = { ...anchor(good), pem: good.pem + theirs.pem };
  expect(hear("/srv/image", request, stateWith([anchor(theirs, good)])).anchors).toEqual([]);
  expect(hear("/srv/image", request, stateWith([both])).anchors).toEqual([]);
});
