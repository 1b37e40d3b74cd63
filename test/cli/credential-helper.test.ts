import { expect, test } from "vitest";
import { runHelper, type HelperContext } from "../../src/helper/helper.ts";
import { makeFakeHost } from "../support/fake-host.ts";
import { useRegistry } from "../support/cli-registry.ts";
import { runCommand } from "../support/command-line.ts";
import { makeBrokenKeychain } from "../support/fake-keychain.ts";
import { makeScratchRoot } from "../support/scratch-root.ts";

const registry = useRegistry();
const start = { "/etc/hosts": "127.0.0.1 localhost\n", "/var/lib/x": "" };
test("the credential helper answers for what was enrolled, to the letter", async () => {
  const root = makeScratchRoot(start);
  const trust = ["--fingerprint", registry.fingerprint, "--username", "xl", "--password-stdin"];
  await runCommand(["enroll", registry.name, ...trust, "--no-verify"], { root, stdin: "s3cret-pass\n" });
  const ask = async (argv: readonly string[], input = "", more: Partial<HelperContext> = {}): Promise<object> =>
    runHelper(argv, {
      ...makeFakeHost({ root }),
      keychain: makeBrokenKeychain("no keychain"),
      isRoot: true,
      hasSession: false,
      askSocket: async () => ({ kind: "no-socket" }),
      change: async () => Promise.reject(new Error("nothing is changed here")),
      readInput: async () => input,
      ...more,
    });
  const { name } = registry;
  const found = { ServerURL: name, Username: "xl", Secret: "s3cret-pass" };
  expect(await ask(["get"], `${name}\n`)).toEqual({ text: `${JSON.stringify(found)}\n`, exit: 0 });
  const url = `https://${name}/v1/`;
  expect(await ask(["get"], url)).toEqual({ text: `${JSON.stringify({ ...found, ServerURL: url })}\n`, exit: 0 });
  expect(await ask(["get"], "other.test")).toEqual({ text: "credentials not found in native keychain\n", exit: 1 });
  expect(await ask(["get"], "https://index.docker.io/v1/")).toEqual({
    text: "credentials not found in native keychain\n",
    exit: 1,
  });
  expect(await ask(["get"], "../../etc/passwd")).toEqual({
    text: "credentials not found in native keychain\n",
    exit: 1,
  });
  expect(await ask(["get"], " \n")).toEqual({ text: "no credentials server URL\n", exit: 1 });
  expect(await ask(["list"], "unused")).toEqual({ text: `${JSON.stringify({ [name]: "xl" })}\n`, exit: 0 });
  expect(await ask(["version"])).toEqual({ text: "docker-credential-regclient (regclient) 1\n", exit: 0 });
  expect(await ask(["store"], "{}")).toEqual({ text: "no credentials server URL\n", exit: 1 });
  expect(await ask(["store"], JSON.stringify({ ServerURL: name }))).toEqual({
    text: "no credentials username\n",
    exit: 1,
  });
  expect(await ask(["erase"], "")).toEqual({ text: "no credentials server URL\n", exit: 1 });
  const other = { isRoot: false };
  expect(await ask(["get"], name, other)).toMatchObject({
    exit: 1,
    text: expect.stringContaining("daemon") as unknown,
  });
  expect(await ask(["list"], "unused", other)).toEqual({ text: `${JSON.stringify({ [name]: "xl" })}\n`, exit: 0 });
  expect(await ask([])).toMatchObject({ exit: 1, text: expect.stringContaining("usage: ") as unknown });
  expect(await ask(["get", "more"])).toMatchObject({ exit: 1 });
  expect(await ask(["bogus"])).toEqual({ text: 'unknown credential action "bogus"\n', exit: 1 });
});
