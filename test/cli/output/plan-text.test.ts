import { expect, test } from "vitest";
import { createPainter } from "../../../src/cli/output/paint.ts";
import { planJson } from "../../../src/cli/output/changes.ts";
import { planText } from "../../../src/cli/output/plan-text.ts";
import { secret } from "../../../src/credentials/secret.ts";
import type { Change, FileChange } from "../../../src/change.ts";

const owner = { mode: 0o644, uid: 0, gid: 0 };
const plain = createPainter(false);

function file(path: string, before: string | undefined, after: string | undefined): FileChange {
  const image = (text: string | undefined) => (text === undefined ? undefined : { bytes: Buffer.from(text), ...owner });
  return { kind: "file", path, before: image(before), after: image(after), purpose: "alias", internal: false };
}

const changes: readonly Change[] = [
  { kind: "make-directory", path: "/etc/docker", internal: false, ...owner },
  { kind: "store-secret", item: "devregistry xl", secret: secret("s3cret-pass") },
  file("/etc/hosts", "127.0.0.1 localhost\n", "127.0.0.1 localhost\n10.0.0.1\treg\n"),
  file("/etc/new", undefined, "a\n"),
  file("/etc/old", "b\n", undefined),
  { ...file("/var/lib/regclient/x", undefined, "internal\n"), internal: true },
  { kind: "discard-secret", item: "old" },
  { kind: "remove-directory", path: "/etc/gone", internal: false, ...owner },
];

test("a plan reads as a diff, without what stands next to our lines", () => {
  expect(planText(changes, plain)).toBe(`+ directory /etc/docker
+ keychain item devregistry xl
--- /etc/hosts
+++ /etc/hosts	alias
@@ -1,0 +2,1 @@
+10.0.0.1	reg
--- /dev/null
+++ /etc/new	alias
@@ -0,0 +1,1 @@
+a
--- /etc/old
+++ /dev/null	alias
@@ -1,1 +0,0 @@
-b
- keychain item old
- directory /etc/gone
and 1 of regclient's own records below /var/lib/regclient
`);
  expect(planText([], plain)).toBe("");
});

test("a plan for scripts holds no content and no secret", () => {
  expect(planJson(changes)).toEqual([
    { kind: "make-directory", path: "/etc/docker" },
    { kind: "store-secret", item: "devregistry xl" },
    { kind: "change-file", path: "/etc/hosts", purpose: "alias" },
    { kind: "create-file", path: "/etc/new", purpose: "alias" },
    { kind: "remove-file", path: "/etc/old", purpose: "alias" },
    { kind: "create-file", path: "/var/lib/regclient/x", purpose: "alias" },
    { kind: "discard-secret", item: "old" },
    { kind: "remove-directory", path: "/etc/gone" },
  ]);
  expect(JSON.stringify(planJson(changes)) + planText(changes, plain)).not.toContain("s3cret");
});

const helper = '"credHelpers": {"reg.test":"regclient"}';

test.each([
  [
    "one line",
    '{"auths":{"a.test":{"auth":"HUSH"}},"proxies":{"default":{"httpProxy":"http://me:HUSH@proxy"}}}',
    `{"auths":{"a.test":{"auth":"HUSH"}},"proxies":{"default":{"httpProxy":"http://me:HUSH@proxy"}},${helper}}`,
    `@@ line 1, without values @@\n+,${helper}\n`,
  ],
  [
    "lines",
    '{\n  "auths": {"a.test": {"auth": "HUSH"}}\n}\n',
    `{\n  "auths": {"a.test": {"auth": "HUSH"}},\n  ${helper}\n}\n`,
    `@@ line 2, without values @@\n+,\n+  ${helper}\n`,
  ],
  [
    "a login that goes",
    '{"auths":{"reg.test":{"username":"xl","auth":"HUSH"},"b.test":{"auth":"HUSH"}},"credsStore":"pass"}',
    '{"auths":{"b.test":{"auth":"HUSH"}},"credsStore":"secretservice"}',
    `@@ line 1, without values @@
-reg.test":{"username":"[redacted]","auth":"[redacted]"},"b.test":{"auth":"[redacted]"}},"credsStore":"pass
+b.test":{"auth":"[redacted]"}},"credsStore":"secretservice
`,
  ],
  [
    "no JSON any more",
    '{"auths":{"a.test":{"auth":"HUSH',
    `{${helper}}`,
    `@@ line 1, without values @@\n-[not shown: it is not valid JSON]\n+{${helper}}\n`,
  ],
])("of a Docker config only what changes is shown, without the values of others: %s", (_, before, after, shown) => {
  const change = { ...file("/root/.docker/config.json", before, after), purpose: "credential helper" };
  const path = "/root/.docker/config.json";
  expect(planText([change], plain)).toBe(`--- ${path}\n+++ ${path}\tcredential helper\n${shown}`);
});

test("of a ca.crt only certificates are shown", () => {
  const certificate = (body: string) => `-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----\n`;
  const key = "-----BEGIN PRIVATE KEY-----\nHUSH\n-----END PRIVATE KEY-----\n";
  const before = `# HUSH\n${certificate("AAAA")}${key}-----BEGIN CERTIFICATE-----\nHU-SH\n-----END CERTIFICATE-----\n`;
  const change = { ...file("/ca.crt", before, certificate("BBBB")), purpose: "trusted certificates" };
  expect(planText([change], plain)).toBe(`--- /ca.crt
+++ /ca.crt\ttrusted certificates
@@ -1,1 +0,0 @@
-[not a certificate, not shown]
@@ -3,1 +2,1 @@
-AAAA
+BBBB
@@ -5,1 +3,0 @@
-[not a certificate, not shown]
`);
});
