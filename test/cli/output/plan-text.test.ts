import { expect, test } from "vitest";
import { createPainter } from "../../../src/cli/output/paint.ts";
import { planJson } from "../../../src/cli/output/changes.ts";
import { planText } from "../../../src/cli/output/plan-text.ts";
import { secret } from "../../../src/credentials/secret.ts";
import type { Change, FileChange } from "../../../src/enrollment/change.ts";

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
