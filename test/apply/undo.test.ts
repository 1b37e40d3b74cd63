import { expect, test } from "vitest";
import { discardSecret } from "../../src/apply/undo.ts";
import { secret } from "../../src/credentials/secret.ts";
import type { Host } from "../../src/host/ports.ts";
import { makeFakeHost } from "../support/fake-host.ts";
import { makeFakeKeychain } from "../support/fake-keychain.ts";

test.each([
  ["/", [], []],
  ["/srv/image", ["devregistry xl 1"], ['the keychain item "devregistry xl 1" (--root names another system)']],
])("a keychain item that a journal below %s names", async (root, kept, left) => {
  const keychain = makeFakeKeychain();
  keychain.items.set("devregistry xl 1", secret("s3cret-pass"));
  const host: Host = makeFakeHost({ root });
  expect(await discardSecret({ host, keychain }, "devregistry xl 1")).toEqual(left);
  expect([...keychain.items.keys()]).toEqual(kept);
});
