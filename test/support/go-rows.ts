import { makeIssuerRows } from "./go-issuer-rows.ts";
import { pinned, row, rowAddress, rowHost, type GoRow } from "./go-row.ts";
import { makeCA, makeKey, makeLeaf } from "./pki.ts";

export { rowAddress, rowHost, type GoRow };

const DAY = 86_400_000;

/** Makes every row, with keys and certificates of its own; validity is relative to `now` (milliseconds). */
export function makeGoRows(now: number): readonly GoRow[] {
  return [...nameRows(), ...timeRows(now), ...pinRows(), ...chainRows(now), ...makeIssuerRows()];
}

function nameRows(): readonly GoRow[] {
  const noAddress = `cannot validate certificate for ${rowAddress} because it doesn't contain any IP SANs`;
  const legacy = "certificate relies on legacy Common Name field, use SANs instead";
  return [
    pinned("CN only", { commonName: rowHost }, { code: "RC-TLS-001", text: legacy }),
    pinned("CN only, an address", { commonName: rowAddress }, { code: "RC-TLS-001", text: legacy }, rowAddress),
    pinned("DNS SAN, dialled by address", { dns: [rowHost] }, { code: "RC-TLS-002", text: noAddress }, rowAddress),
    pinned("address as DNS SAN", { dns: [rowAddress] }, { code: "RC-TLS-002", text: noAddress }, rowAddress),
    pinned("IP SAN, dialled by address", { ip: [rowAddress] }, undefined, rowAddress),
    pinned(
      "another IP SAN",
      { ip: ["10.1.1.1", "fd00:0:0:0:0:0:0:5"] },
      { code: "RC-TLS-003", text: `certificate is valid for 10.1.1.1, fd00::5, not ${rowAddress}` },
      rowAddress,
    ),
    pinned(
      "wrong name",
      { dns: ["other.test"] },
      { code: "RC-TLS-003", text: "certificate is valid for other.test, not reg.test" },
    ),
    pinned(
      "wrong CN and no SAN",
      { commonName: "other.test" },
      { code: "RC-TLS-003", text: "certificate is not valid for any names, but wanted to match reg.test" },
    ),
    pinned("name in another case", { dns: ["REG.Test"] }),
    pinned("wildcard of one label", { dns: ["*.test"] }),
    pinned(
      "wildcard of two labels",
      { dns: ["*.test"] },
      { code: "RC-TLS-003", text: "certificate is valid for *.test, not a.reg.test" },
      "a.reg.test",
    ),
    pinned(
      "wildcard inside a label",
      { dns: ["r*.test"] },
      { code: "RC-TLS-003", text: "certificate is valid for r*.test, not reg.test" },
    ),
  ];
}

function timeRows(now: number): readonly GoRow[] {
  const expired = { dns: [rowHost], notBefore: now - 3 * DAY, notAfter: now - DAY };
  const untrusted = makeLeaf(expired);
  return [
    pinned("expired", expired, {
      code: "RC-TLS-004",
      text: "certificate has expired or is not yet valid: current time",
    }),
    pinned(
      "not valid yet",
      { dns: [rowHost], notBefore: now + DAY, notAfter: now + 2 * DAY },
      { code: "RC-TLS-005", text: "is before" },
    ),
    row(
      "expired and untrusted",
      { leaf: untrusted, anchors: [makeCA({ commonName: "Other CA" }).certificate] },
      { code: "RC-TLS-004", text: "is after" },
    ),
  ];
}

function pinRows(): readonly GoRow[] {
  const ca = makeCA({ commonName: "Row CA" });
  const issued = makeLeaf({ issuer: ca, dns: [rowHost] });
  const key = makeKey("ec");
  const before = makeLeaf({ key, commonName: "same", dns: [rowHost], serial: "01" });
  const after = makeLeaf({ key, commonName: "same", dns: [rowHost], serial: "02" });
  return [
    pinned("pinned leaf, CA:FALSE", { dns: [rowHost] }),
    pinned("pinned leaf, no basicConstraints", { dns: [rowHost], basicConstraints: "absent" }),
    pinned("pinned leaf, RSA", { dns: [rowHost], key: "rsa" }),
    pinned("pinned leaf, Ed25519", { dns: [rowHost], key: "ed25519" }),
    row("a leaf alone as root", { leaf: issued, anchors: [issued.certificate] }),
    row(
      "renewed with the same key, old one pinned",
      { leaf: after, anchors: [before.certificate] },
      { code: "RC-TLS-006", text: "certificate signed by unknown authority" },
    ),
    row("old and new pinned", { leaf: after, anchors: [before.certificate, after.certificate] }),
    row(
      "self-signed, another CA trusted",
      { leaf: before, anchors: [ca.certificate] },
      { code: "RC-TLS-006", text: "certificate signed by unknown authority" },
    ),
  ];
}

function chainRows(now: number): readonly GoRow[] {
  const root = makeCA({ commonName: "Row Root" });
  const middle = makeCA({ commonName: "Row Middle", issuer: root });
  const leaf = makeLeaf({ issuer: middle, dns: [rowHost] });
  const full = [leaf.certificate, middle.certificate];
  const again = makeCA({ commonName: "Row Root" });
  const oldMiddle = makeCA({ commonName: "Old Middle", issuer: root, notBefore: now - 3 * DAY, notAfter: now - DAY });
  const underOld = makeLeaf({ issuer: oldMiddle, dns: [rowHost] });
  const rsaRoot = makeCA({ commonName: "RSA Root", key: "rsa" });
  const rsaLeaf = makeLeaf({ issuer: rsaRoot, dns: [rowHost], key: "rsa" });
  const rsaAgain = makeCA({ commonName: "RSA Root", key: "rsa" });
  return [
    row("whole chain to a root", { leaf, served: full, anchors: [root.certificate] }),
    row("chain sent with its root", { leaf, served: [...full, root.certificate], anchors: [root.certificate] }),
    row("chain sent in disorder", {
      leaf,
      served: [leaf.certificate, root.certificate, middle.certificate],
      anchors: [root.certificate],
    }),
    row("intermediate alone as root", { leaf, served: full, anchors: [middle.certificate] }),
    row(
      "missing intermediate",
      { leaf, anchors: [root.certificate] },
      { code: "RC-TLS-007", text: "certificate signed by unknown authority" },
    ),
    row(
      "root not trusted",
      { leaf, served: [...full, root.certificate], anchors: [rsaRoot.certificate] },
      { code: "RC-TLS-006", text: "certificate signed by unknown authority" },
    ),
    row(
      "CA regenerated, RSA",
      { leaf: rsaLeaf, anchors: [rsaAgain.certificate] },
      { code: "RC-TLS-008", text: "crypto/rsa: verification error" },
    ),
    row(
      "CA regenerated, ECDSA",
      { leaf, served: full, anchors: [again.certificate] },
      { code: "RC-TLS-008", text: "ECDSA verification failure" },
    ),
    row(
      "CA regenerated, another kind of key",
      { leaf: rsaLeaf, anchors: [makeCA({ commonName: "RSA Root" }).certificate] },
      { code: "RC-TLS-008", text: "have public key of type *ecdsa.PublicKey" },
    ),
    row("CA regenerated, both trusted", { leaf: rsaLeaf, anchors: [rsaAgain.certificate, rsaRoot.certificate] }),
    row(
      "intermediate expired",
      { leaf: underOld, served: [underOld.certificate, oldMiddle.certificate], anchors: [root.certificate] },
      { code: "RC-TLS-016", text: "is after" },
    ),
  ];
}
