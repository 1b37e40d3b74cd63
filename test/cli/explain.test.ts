import { expect, test } from "vitest";
import { runCommand } from "../support/command-line.ts";
import { makeScratchRoot, snapshotTree } from "../support/scratch-root.ts";

test("a code is explained in text", async () => {
  const { exit, out, err } = await runCommand(["explain", "rc-tls-004"], { root: makeScratchRoot() });
  expect({ exit, err }).toEqual({ exit: 0, err: "" });
  expect(out).toBe(`RC-TLS-004 the certificate of HOST has expired
  cause: it was valid until NOT-AFTER, and it is NOW
  shown: what Go says, every certificate that was served, and what is trusted
  fix:   renew the certificate and restart the registry's TLS server, which reads it only when it starts
  fix:   if the date above is wrong, set this host's clock: timedatectl set-ntp true
  see:   distribution#4504
  see:   distribution#3712
  layer: TLS; exit code 5; docs/findings/RC-TLS-004.md
`);
});

test("a code is explained in JSON", async () => {
  const { out } = await runCommand(["explain", "RC-PSH-004", "--output", "json"], { root: makeScratchRoot() });
  expect(JSON.parse(out)).toEqual({
    exit: 0,
    code: "RC-PSH-004",
    layer: "write",
    meansExit: 6,
    summary: "a push of SIZE bytes is too large for the proxy in front of AUTHORITY",
    cause: "the answer is 413, from SERVER: it limits the size of a request body",
    evidence: "the request, its status, and the errors that the registry gives",
    fix: [
      "nginx: set client_max_body_size 0; in every proxy on the way",
      "Apache: LimitRequestBody 0; a service such as Cloudflare has a limit of its plan: lead pushes past it",
    ],
    references: ["harbor#15823", "RFC 9110 section 15.5.14"],
    documentation: "docs/findings/RC-PSH-004.md",
    problems: [],
  });
});

test("without a code all of them are listed", async () => {
  const root = makeScratchRoot();
  const { exit, out } = await runCommand(["explain"], { root });
  expect(exit).toBe(0);
  expect(out.split("\n").length).toBeGreaterThan(130);
  const { findings } = JSON.parse((await runCommand(["explain", "--output", "json"], { root })).out) as {
    findings: readonly { readonly code: string }[];
  };
  expect(findings.length).toBe(out.trimEnd().split("\n").length);
});

test.each([
  ["RC-TLS-039", "RC-TLS-040, RC-TLS-041, RC-TLS-036"],
  ["tls-999", "RC-TLS-055, RC-TLS-054, RC-TLS-053"],
  ["RC-TLX-003", "RC-TLS-003"],
])("%s is unknown: the nearest are named, exit code 2", async (code, nearest) => {
  const root = makeScratchRoot();
  const { exit, out, err } = await runCommand(["explain", code], { root });
  expect({ exit, out }).toEqual({ exit: 2, out: "" });
  expect(err).toContain("RC-CFG-040");
  expect(err).toContain(`the nearest are: ${nearest}`);
  expect(snapshotTree(root)).toEqual({});
});

test("text as an argument is refused without being said back", async () => {
  const text = "Get https://xl:s3cret@reg.test/v2/: x509: certificate signed by unknown authority";
  const { exit, out, err } = await runCommand(["explain", text], { root: makeScratchRoot() });
  expect(exit).toBe(2);
  expect(err).toContain("RC-CFG-041");
  expect(err).toContain("docker pull IMAGE 2>&1 | regclient explain -");
  expect(out + err).not.toContain("s3cret");
});

test("what stdin holds is explained, with how to confirm it, and without its secrets", async () => {
  const stdin = [
    "$ docker login -u xl -p s3cret-pass reg.test:5000",
    'Error response from daemon: Get "https://xl:s3cret-pass@reg.test:5000/v2/": tls: failed to verify certificate: x509: certificate relies on legacy Common Name field, use SANs instead',
  ].join("\n");
  const { exit, out, err } = await runCommand(["explain", "-"], { root: makeScratchRoot(), stdin });
  expect({ exit, err }).toEqual({ exit: 0, err: "" });
  expect(out).toBe(`RC-TLS-001 the certificate names reg.test only in its common name (sure)
  seen:    Error response from daemon: Get "https://[redacted]@reg.test:5000/v2/": tls: failed to verify certificate: x509: certificate relies on legacy Common Name field, use SANs instead
  confirm: openssl s_client -connect reg.test:5000 </dev/null | openssl x509 -noout -ext subjectAltName
  more:    regclient explain RC-TLS-001
`);
});

test.each([
  ["hello", "nothing known in this line; regclient doctor looks for itself\n"],
  ["hello\nworld", "nothing known in these 2 lines; regclient doctor looks for itself\n"],
  ["", "nothing known in these 0 lines; regclient doctor looks for itself\n"],
])("%j: nothing known, which is no failure", async (stdin, text) => {
  const root = makeScratchRoot();
  expect(await runCommand(["explain", "-"], { root, stdin })).toMatchObject({ exit: 0, out: text });
  const json = JSON.parse((await runCommand(["explain", "-", "--output", "json"], { root, stdin })).out) as object;
  expect(json).toMatchObject({ exit: 0, guesses: [], problems: [] });
});

test("more than 64 KiB is refused, exit code 2", async () => {
  const ran = await runCommand(["explain", "-"], { root: makeScratchRoot(), stdin: "x".repeat(65_537) });
  expect(ran.exit).toBe(2);
  expect(ran.err).toContain("longer than 64 KiB");
});
