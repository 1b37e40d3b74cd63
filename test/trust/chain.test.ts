import { describe, expect, test } from "vitest";
import { judgeChain } from "../../src/trust/chain.ts";
import { makeGoRows, rowHost } from "../support/go-rows.ts";
import { clientAuth, makeCA, makeLeaf } from "../support/pki.ts";

const now = Date.now();

describe("judgeChain says what Go says", () => {
  test.each(makeGoRows(now).map((row) => [row.title, row] as const))("%s", (_, row) => {
    const verdict = judgeChain({ ...row, name: row, now });
    if (row.refused === undefined) {
      expect(verdict).toMatchObject({ ok: true });
      if (!verdict.ok) return;
      expect(verdict.chain[0]).toBe(row.served[0]);
      expect(row.anchors).toContain(verdict.chain.at(-1));
      return;
    }
    expect(verdict).toMatchObject({ ok: false, problem: { code: row.refused.code } });
    if (verdict.ok) return;
    expect(verdict.goText).toContain(row.refused.text);
    expect(verdict.problem.evidence.join("\n")).toContain(row.refused.text);
    expect(verdict.problem.evidence).toContain(`dialled: ${row.host}`);
  });
});

test("a common name alone is answered with the command that makes a certificate with the name", () => {
  const leaf = makeLeaf({ commonName: "devregistry" }).certificate;
  const verdict = judgeChain({ served: [leaf], anchors: [leaf], name: { host: "devregistry", isAddress: false }, now });
  expect(verdict.ok ? [] : verdict.problem.fix[0]).toContain('-addext "subjectAltName=DNS:devregistry"');
});

test("nothing served is a finding, not a crash", () => {
  const verdict = judgeChain({ served: [], anchors: [], name: { host: rowHost, isAddress: false }, now });
  expect(verdict).toMatchObject({ ok: false, problem: { code: "RC-TLS-019" } });
});

test("a hundred CAs of one name end the search, unless key identifiers show the right one", () => {
  const issuer = makeCA({ commonName: "Many" });
  const others = Array.from({ length: 101 }, () => makeCA({ commonName: "Many" }).certificate);
  const judge = (keyIds: boolean): unknown => {
    const served = [makeLeaf({ issuer, dns: [rowHost], keyIds }).certificate];
    const anchors = [...others, issuer.certificate];
    return judgeChain({ served, anchors, name: { host: rowHost, isAddress: false }, now });
  };
  expect(judge(false)).toMatchObject({ ok: false, problem: { code: "RC-TLS-018" } });
  expect(judge(true)).toMatchObject({ ok: true });
});

test.each([
  ["as many as Go does", 501, 499, { ok: true }],
  ["no more", 501, 500, { ok: false, goText: "x509: unknown error", problem: { code: "RC-TLS-018" } }],
])("names are compared with name constraints: %s", (_, names, excluded, verdict) => {
  const excludedDns = Array.from({ length: excluded }, (_none, index) => `not-${index}.test`);
  const issuer = makeCA({ commonName: "Narrow", nameConstraints: { excludedDns } });
  const dns = [rowHost, ...Array.from({ length: names - 1 }, (_none, index) => `name-${index}.test`)];
  const served = [makeLeaf({ issuer, dns }).certificate];
  const name = { host: rowHost, isAddress: false };
  expect(judgeChain({ served, anchors: [issuer.certificate], name, now })).toMatchObject(verdict);
});

test("the comparisons of one verdict are counted together, whatever the candidates that are tried", () => {
  const excludedDns = Array.from({ length: 400 }, (_none, index) => `not-${index}.test`);
  const good = makeCA({ commonName: "Narrow", nameConstraints: { excludedDns } });
  const { key } = good;
  const useless = makeCA({
    commonName: "Narrow",
    key,
    extendedKeyUsage: [clientAuth],
    nameConstraints: { excludedDns },
  });
  const dns = [rowHost, ...Array.from({ length: 400 }, (_none, index) => `name-${index}.test`)];
  const served = [makeLeaf({ issuer: good, dns }).certificate];
  const judge = (...anchors: readonly (typeof good)[]): unknown => {
    const certificates = anchors.map(({ certificate }) => certificate);
    return judgeChain({ served, anchors: certificates, name: { host: rowHost, isAddress: false }, now });
  };
  expect(judge(good)).toMatchObject({ ok: true });
  expect(judge(useless, good)).toMatchObject({ ok: false, problem: { code: "RC-TLS-011" } });
});

test("a hundred intermediates are looked at, and no more", () => {
  const root = makeCA({ commonName: "Root" });
  const intermediate = makeCA({ commonName: "Between", issuer: root });
  const leaf = makeLeaf({ issuer: intermediate, dns: [rowHost] }).certificate;
  const judge = (before: number): boolean => {
    const others = Array.from({ length: before }, () => root.certificate);
    const served = [leaf, ...others, intermediate.certificate];
    return judgeChain({ served, anchors: [root.certificate], name: { host: rowHost, isAddress: false }, now }).ok;
  };
  expect([judge(99), judge(100)]).toEqual([true, false]);
});

test("an IPv6 host matches however it is written, and an IPv4-mapped one as IPv4", () => {
  const six = makeLeaf({ ip: ["fd00:0:0:0:0:0:0:5"] }).certificate;
  const four = makeLeaf({ ip: ["10.9.8.7"] }).certificate;
  const accepts = (leaf: typeof six, host: string): boolean =>
    judgeChain({ served: [leaf], anchors: [leaf], name: { host, isAddress: true }, now }).ok;
  expect([accepts(six, "fd00::5"), accepts(six, "fd00:0::5"), accepts(six, "fd00::6")]).toEqual([true, true, false]);
  expect(accepts(four, "::ffff:10.9.8.7")).toBe(true);
});

test("cross-signed CAs that name each other end", () => {
  const one = makeCA({ commonName: "One" });
  const two = makeCA({ commonName: "Two" });
  const oneByTwo = makeCA({ commonName: "One", key: one.key, issuer: two }).certificate;
  const twoByOne = makeCA({ commonName: "Two", key: two.key, issuer: one }).certificate;
  const leaf = makeLeaf({ issuer: one, dns: [rowHost] }).certificate;
  const name = { host: rowHost, isAddress: false };
  const served = [leaf, oneByTwo, twoByOne];
  expect(judgeChain({ served, anchors: [], name, now })).toMatchObject({ ok: false });
  expect(judgeChain({ served, anchors: [two.certificate], name, now })).toMatchObject({ ok: true });
});
