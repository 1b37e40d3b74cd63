import { expect, test } from "vitest";
import { decideFirstContact, type TrustEvidence, type TrustVerdict } from "../../src/trust/first-contact.ts";
import type { Certificate } from "../../src/trust/certificate.ts";
import type { Pin } from "../../src/trust/fingerprint.ts";
import { makeCA, makeLeaf } from "../support/pki.ts";

const names = { dns: ["reg.test"] };
const ca = makeCA({ commonName: "our CA" });
const leaf = makeLeaf({ commonName: "reg.test", issuer: ca, ...names });
const renewed = makeLeaf({ commonName: "reg.test", issuer: ca, ...names });
const alone = makeLeaf({ commonName: "reg.test", ...names });
const replaced = makeLeaf({ commonName: "reg.test", ...names });
const sameKey = makeLeaf({ commonName: "reg.test", key: alone.key, serial: "07", ...names });
const otherCa = makeCA({ commonName: "another CA" });
const byOther = makeLeaf({ commonName: "reg.test", issuer: otherCa, ...names });
const wrongName = makeLeaf({ commonName: "x", dns: ["other.test"] });
const expired = makeLeaf({ commonName: "reg.test", notBefore: 0, notAfter: 86_400_000, ...names });
const nameless = makeLeaf({ commonName: "reg.test" });

const pin = ({ certificate }: { certificate: Certificate }): Pin => ({
  kind: "certificate",
  hex: certificate.fingerprint,
});
const keyPin = ({ certificate }: { certificate: Certificate }): Pin => ({
  kind: "spki",
  hex: certificate.spkiFingerprint,
});
const given = (...certificates: Certificate[]): TrustEvidence["supplied"] => ({
  origin: "/ca.crt",
  reason: "ca-file",
  certificates,
});
const byCa = [leaf.certificate, ca.certificate];

function decide(evidence: Partial<TrustEvidence>): TrustVerdict {
  return decideFirstContact({
    name: { host: "reg.test", isAddress: false },
    authority: "reg.test",
    served: [alone.certificate],
    held: [],
    pins: [],
    supplied: undefined,
    system: () => [],
    firstUse: false,
    now: Date.now(),
    ...evidence,
  });
}

function told(verdict: TrustVerdict): string {
  switch (verdict.kind) {
    case "trusted":
      return `trusted by ${verdict.reason}: ${verdict.anchors.map((each) => each.subject).join(" + ")}`;
    case "refused":
      return `refused ${verdict.problem.code}`;
    case "ask":
      return `ask about ${verdict.candidates.map((each) => each.subject).join(" < ")}, else ${verdict.refusal.code}`;
    default:
      return verdict.kind;
  }
}

const rows: readonly (readonly [string, Partial<TrustEvidence>, string])[] = [
  ["nothing is known", {}, "ask about CN=reg.test, else RC-TRU-011"],
  ["nothing is known of a chain", { served: byCa }, "ask about CN=reg.test < CN=our CA, else RC-TRU-011"],
  ["first use is allowed", { firstUse: true }, "trusted by first-use: CN=reg.test"],
  ["first use is allowed, and the CA is sent", { firstUse: true, served: byCa }, "trusted by first-use: CN=our CA"],
  [
    "first use of a certificate for another name",
    { firstUse: true, served: [wrongName.certificate] },
    "refused RC-TLS-",
  ],
  ["an expired certificate is not even asked about", { served: [expired.certificate] }, "refused RC-TLS-"],
  ["one without alternative names is not asked about", { served: [nameless.certificate] }, "refused RC-TLS-"],
  ["no certificate at all", { served: [] }, "refused RC-TLS-"],

  ["the pin of the leaf", { pins: [pin(alone)] }, "trusted by fingerprint: CN=reg.test"],
  ["the pin of the leaf of a chain", { served: byCa, pins: [pin(leaf)] }, "trusted by fingerprint: CN=reg.test"],
  ["the pin of the CA that is sent", { served: byCa, pins: [pin(ca)] }, "trusted by fingerprint: CN=our CA"],
  ["the pin of a CA that is not sent", { served: [leaf.certificate], pins: [pin(ca)] }, "refused RC-TRU-012"],
  ["the pin of the key", { pins: [keyPin(alone)] }, "trusted by fingerprint: CN=reg.test"],
  [
    "the pin of the key, in a renewed certificate",
    { served: [sameKey.certificate], pins: [keyPin(alone)] },
    "trusted by fingerprint: CN=reg.test",
  ],
  [
    "the pin of the certificate, whose key was kept",
    { served: [sameKey.certificate], pins: [pin(alone)] },
    "refused RC-TRU-012",
  ],
  ["a wrong pin", { pins: [pin(replaced)] }, "refused RC-TRU-012"],
  ["a wrong pin, and first use allowed", { pins: [pin(replaced)], firstUse: true }, "refused RC-TRU-012"],
  [
    "a wrong pin, though the system vouches",
    { served: byCa, pins: [pin(replaced)], system: () => [ca.certificate] },
    "refused RC-TRU-012",
  ],
  ["a wrong pin, though it is held", { pins: [pin(replaced)], held: [alone.certificate] }, "refused RC-TRU-012"],
  ["one right pin of two", { pins: [pin(replaced), pin(alone)] }, "trusted by fingerprint: CN=reg.test"],
  [
    "the right pin of a certificate for another name",
    { served: [wrongName.certificate], pins: [pin(wrongName)] },
    "refused RC-TLS-",
  ],
  ["the right pin of an expired one", { served: [expired.certificate], pins: [pin(expired)] }, "refused RC-TLS-"],
  ["the pin of what is held already", { pins: [pin(alone)], held: [alone.certificate] }, "held"],
  [
    "the pin of a held CA that is not sent",
    { served: [renewed.certificate], pins: [pin(ca)], held: [ca.certificate] },
    "held",
  ],
  [
    "the pin of a held CA, and another's certificate",
    { pins: [pin(ca)], held: [ca.certificate] },
    "refused RC-TRU-012",
  ],
  [
    "the pin of a held CA, and a certificate of another held one",
    { served: [byOther.certificate], pins: [pin(ca)], held: [ca.certificate, otherCa.certificate] },
    "refused RC-TRU-012",
  ],
  [
    "the pin of a certificate that is merely sent along",
    { served: [byOther.certificate, otherCa.certificate, alone.certificate], pins: [pin(alone)] },
    "refused RC-TLS-",
  ],
  [
    "two pins, one of a certificate that is merely sent along",
    { served: [alone.certificate, otherCa.certificate], pins: [pin(alone), pin(otherCa)] },
    "trusted by fingerprint: CN=reg.test",
  ],
  [
    "the pins of a certificate and of the CA above it",
    { served: byCa, pins: [pin(ca), pin(leaf)] },
    "trusted by fingerprint: CN=reg.test + CN=our CA",
  ],
  [
    "a new pin takes the place of what is held",
    { served: [replaced.certificate], pins: [pin(replaced)], held: [alone.certificate] },
    "trusted by fingerprint: CN=reg.test",
  ],

  [
    "a file with the CA",
    { served: [leaf.certificate], supplied: given(ca.certificate) },
    "trusted by ca-file: CN=our CA",
  ],
  ["a file with the certificate itself", { supplied: given(alone.certificate) }, "trusted by ca-file: CN=reg.test"],
  ["a file with another CA", { served: byCa, supplied: given(otherCa.certificate) }, "refused RC-TLS-"],
  [
    "a file with old and new CA",
    { served: byCa, supplied: given(otherCa.certificate, ca.certificate) },
    "trusted by ca-file: CN=another CA + CN=our CA",
  ],
  ["a file, and first use allowed", { supplied: given(otherCa.certificate), firstUse: true }, "refused RC-TLS-"],
  [
    "a file that a pin vouches for",
    { served: [leaf.certificate], supplied: given(ca.certificate), pins: [pin(ca)] },
    "trusted by ca-file: CN=our CA",
  ],
  [
    "a file, and a pin of what is served",
    { served: [leaf.certificate], supplied: given(ca.certificate), pins: [pin(leaf)] },
    "trusted by ca-file: CN=our CA",
  ],
  [
    "a file, and the pin of a certificate that is merely sent along",
    { served: [byOther.certificate, alone.certificate], supplied: given(otherCa.certificate), pins: [pin(alone)] },
    "refused RC-TRU-012",
  ],
  [
    "a file with the pinned CA and another, whose certificate is served",
    { served: [byOther.certificate], supplied: given(otherCa.certificate, ca.certificate), pins: [pin(ca)] },
    "refused RC-TRU-012",
  ],
  [
    "a file with more than the pin speaks for",
    { served: byCa, supplied: given(otherCa.certificate, ca.certificate), pins: [pin(leaf)] },
    "trusted by ca-file: CN=our CA",
  ],
  [
    "a file with two CAs, both pinned",
    { served: byCa, supplied: given(otherCa.certificate, ca.certificate), pins: [pin(ca), pin(otherCa)] },
    "trusted by ca-file: CN=another CA + CN=our CA",
  ],
  [
    "a file, and a wrong pin",
    { served: [leaf.certificate], supplied: given(ca.certificate), pins: [pin(otherCa)] },
    "refused RC-TRU-012",
  ],
  [
    "a file with what is held already",
    { served: byCa, supplied: given(ca.certificate), held: [ca.certificate] },
    "held",
  ],
  [
    "a file with more than is held",
    { served: byCa, supplied: given(ca.certificate, otherCa.certificate), held: [ca.certificate] },
    "trusted by ca-file: CN=our CA + CN=another CA",
  ],
  [
    "a file with less than is held",
    { served: byCa, supplied: given(ca.certificate), held: [ca.certificate, otherCa.certificate] },
    "trusted by ca-file: CN=our CA",
  ],

  ["the system's CAs vouch", { served: byCa, system: () => [ca.certificate] }, "system"],
  [
    "the system's CAs vouch for another name",
    { served: [wrongName.certificate], system: () => [wrongName.certificate] },
    "refused RC-TLS-",
  ],
];

test.each(rows)("%s", (_, evidence, verdict) => {
  expect(told(decide(evidence)).replace(/(RC-TLS-)\d+/, "$1")).toBe(verdict);
});

test("the system's CAs are not read while something better is known", () => {
  const system = (): never => {
    throw new Error("read");
  };
  expect(told(decide({ pins: [pin(alone)], system }))).toContain("trusted");
  expect(told(decide({ supplied: given(alone.certificate), system }))).toContain("trusted");
});

test("a refusal shows what was served, what was wanted, and how to go on", () => {
  const verdict = decide({ pins: [pin(replaced), keyPin(ca)] });
  const problem = verdict.kind === "refused" ? verdict.problem : undefined;
  expect(problem?.cause).toContain(
    `wanted: sha256:${replaced.certificate.fingerprint}, spki:${ca.certificate.spkiFingerprint}`,
  );
  expect(problem?.cause).toContain(`seen: sha256:${alone.certificate.fingerprint}`);
  expect(problem?.evidence[0]).toContain(`spki:${alone.certificate.spkiFingerprint}`);
});
