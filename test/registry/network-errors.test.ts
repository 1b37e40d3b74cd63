import { expect, test } from "vitest";
import { explainHttpError, explainTcpFailures, explainTlsFailure } from "../../src/registry/network-errors.ts";

const target = { host: "fd00::5", port: 5000 };
const request = { method: "PUT", url: new URL("https://[fd00::5]:5000/v2/a?_state=secret") };

test.each([
  [["ETIMEDOUT"], "RC-NET-004"],
  [["EHOSTUNREACH"], "RC-NET-003"],
  [["ENETUNREACH", "ETIMEDOUT"], "RC-NET-004"],
  [["ETIMEDOUT", "ECONNREFUSED", "ENETUNREACH"], "RC-NET-002"],
  [["ECONNREFUSED", "STOPPED"], "RC-NET-016"],
  [["EMFILE"], "RC-NET-017"],
  [[], "RC-NET-001"],
])("addresses that fail with %j give %s", (codes, expected) => {
  const found = explainTcpFailures(
    target,
    codes.map((code) => ({ address: "fd00::5", code })),
  );
  expect(found).toMatchObject({ code: expected, exit: 5 });
  expect(found.evidence).toHaveLength(codes.length);
});

test.each([
  ["ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE", "RC-NET-009", "handshake failure"],
  ["ERR_SSL_TLSV1_UNRECOGNIZED_NAME", "RC-NET-009", "tlsv1 unrecognized name"],
  ["ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION", "RC-NET-008", ""],
  ["ERR_SSL_UNSUPPORTED_PROTOCOL", "RC-NET-008", ""],
  ["ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED", "RC-NET-011", ""],
  ["ERR_SSL_TLSV1_ALERT_UNKNOWN_CA", "RC-NET-019", ""],
  ["ERR_SSL_SSL/TLS_ALERT_BAD_CERTIFICATE", "RC-NET-019", ""],
  ["ERR_SSL_SSL/TLS_ALERT_UNSUPPORTED_CERTIFICATE", "RC-NET-019", ""],
  ["ERR_SSL_SSL/TLS_ALERT_CERTIFICATE_EXPIRED", "RC-NET-019", ""],
  ["ERR_SSL_SSL/TLS_ALERT_CERTIFICATE_REVOKED", "RC-NET-019", ""],
  ["ECONNRESET", "RC-NET-015", ""],
  ["ETIMEDOUT", "RC-NET-005", ""],
])("a handshake that fails with %s gives %s", (code, expected, words) => {
  const found = explainTlsFailure(target, { address: "fd00::5", code, said: undefined });
  expect(found.code).toBe(expected);
  expect(found.cause).toContain(words);
  expect(`${found.summary}${found.fix.join("")}`).toContain("[fd00::5]:5000");
});

test.each([
  ["ECONNRESET", "head", "RC-NET-012"],
  ["ECONNRESET", "body", "RC-HTP-004"],
  ["ERR_STREAM_PREMATURE_CLOSE", "body", "RC-HTP-004"],
  ["HPE_INVALID_CONSTANT", "head", "RC-HTP-002"],
  ["HPE_HEADER_OVERFLOW", "head", "RC-HTP-001"],
  ["ENETDOWN", "head", "RC-NET-017"],
  ["ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC", "body", "RC-NET-017"],
] as const)("an exchange that fails with %s in the %s gives %s", (code, phase, expected) => {
  const found = explainHttpError(request, Object.assign(new Error("x"), { code }), undefined, phase);
  expect(found.code).toBe(expected);
  // an upload's query is its state
  expect(JSON.stringify(found)).not.toContain("secret");
});

test.each([
  ["idle", "RC-NET-013", "1.5 s"],
  ["total", "RC-NET-014", "1.5 s"],
  ["size", "RC-HTP-003", "1500 bytes"],
  ["caller", "RC-NET-016", "told to stop"],
] as const)("an exchange ended by %s gives %s", (reason, expected, words) => {
  const found = explainHttpError(request, new Error("aborted"), { reason, limit: 1500 }, "body");
  expect(found.code).toBe(expected);
  expect(found.cause).toContain(words);
});

test("an error that is not the network's is a bug", () => {
  const bug = new TypeError("x is not a function");
  expect(() => explainHttpError(request, bug, undefined)).toThrow(bug);
});
