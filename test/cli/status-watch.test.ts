import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { run } from "../../src/cli/run.ts";
import { useRegistry } from "../support/cli-registry.ts";
import { runCommand } from "../support/command-line.ts";
import { makeFakeHost, newTranscript, type Transcript } from "../support/fake-host.ts";
import { makeBrokenKeychain } from "../support/fake-keychain.ts";
import { makeScratchRoot } from "../support/scratch-root.ts";

const registry = useRegistry();
const start = { "/etc/hosts": "127.0.0.1 localhost\n", "/var/lib/x": "" };
const poll = { timeout: 10_000, interval: 20 };

async function makeEnrolled(): Promise<string> {
  const root = makeScratchRoot(start);
  const argv = ["enroll", registry.name, "--fingerprint", registry.fingerprint, "--no-verify"];
  expect((await runCommand(argv, { root })).exit).toBe(0);
  return root;
}

interface Watching extends Transcript {
  /** Tells it to end, and gives its exit code. */
  end(): Promise<number>;
}

/** `status --watch` in this process, on a clock that goes. */
function watchStatus(root: string, hasScreen = false): Watching {
  const transcript = newTranscript();
  const controller = new AbortController();
  const ended = run(["status", "--watch", "--root", root], {
    version: "1.2.3",
    keychain: makeBrokenKeychain("none"),
    hostAt: (at) => {
      const host = makeFakeHost({ root: at, signal: controller.signal, hasScreen }, transcript);
      const sleep = async (ms: number, signal?: AbortSignal): Promise<void> =>
        wait(ms, undefined, signal && { signal }).catch(() => undefined);
      return { ...host, clock: { ...host.clock, now: () => 0, sleep } };
    },
  });
  return Object.assign(transcript, {
    end: async () => {
      controller.abort();
      return ended;
    },
  });
}

test("on a pipe, each state follows the one before, and nothing follows while nothing changes", async () => {
  const root = await makeEnrolled();
  const path = join(root, `etc/docker/certs.d/${registry.name}/ca.crt`);
  const bundle = readFileSync(path);
  const watching = watchStatus(root);
  await expect.poll(() => watching.out, poll).toContain("ca.crt ✓\n");
  const first = watching.out;
  rmSync(path);
  await expect.poll(() => watching.out.slice(first.length), poll).toContain("ca.crt missing\n");
  expect(watching.out.slice(first.length)).toMatch(/^\n127\.0\.0\.1:/);
  const missing = first.replace("ca.crt ✓", "ca.crt missing").replace(/ reads\n.*ca\.crt/, " reads nothing");
  writeFileSync(path, bundle);
  await expect.poll(() => watching.out, poll).toBe(`${first}\n${missing}\n${first}`);
  expect(await watching.end()).toBe(0);
  expect(watching.err).toBe("");
});

test("on a terminal the screen is begun anew", async () => {
  const root = await makeEnrolled();
  const watching = watchStatus(root, true);
  await expect.poll(() => watching.out, poll).toMatch(/^\[cleared\]\n127\.0\.0\.1:.*Ctrl-C ends\n$/s);
  rmSync(join(root, `etc/docker/certs.d/${registry.name}/ca.crt`));
  await expect.poll(() => watching.out, poll).toMatch(/Ctrl-C ends\n\[cleared\]\n127\.0\.0\.1:.*ca\.crt missing\n/s);
  expect(await watching.end()).toBe(0);
});

test("a registry that is declared while it is watched", async () => {
  const root = makeScratchRoot({ ...start, "/etc/regclient/registries.d/.keep": "" });
  const watching = watchStatus(root);
  await expect.poll(() => watching.out, poll).toBe("no registry is enrolled on this host\n");
  writeFileSync(join(root, "etc/regclient/registries.d/new.test.yaml"), "version: 1\nregistry: new.test\n");
  await expect.poll(() => watching.out, poll).toContain("new.test is declared, and not enrolled yet");
  expect(await watching.end()).toBe(0);
});

/** The program itself. */
function startProgram(root: string): ChildProcess {
  const argv = ["--disable-warning=ExperimentalWarning", "src/main.ts", "--root", root, "status", "--watch"];
  const child = spawn(process.execPath, [...argv, "--output", "json"], { stdio: ["ignore", "pipe", "pipe"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  return child;
}

test("as JSON each state is one line; Ctrl-C ends it, and so does a reader who has enough, with exit code 0", async () => {
  const root = makeScratchRoot(start);
  for (const end of ["interrupt", "close"]) {
    const child = startProgram(root);
    let out = "";
    let err = "";
    child.stdout?.on("data", (chunk: Buffer) => void (out += chunk.toString()));
    child.stderr?.on("data", (chunk: Buffer) => void (err += chunk.toString()));
    await expect.poll(() => out, poll).toBe('{"exit":0,"registries":[],"declaredOnly":[],"problems":[]}\n');
    if (end === "interrupt") child.kill("SIGINT");
    else {
      child.stdout?.destroy();
      // the next state finds nobody who reads it
      const declared = join(root, "etc/regclient/registries.d");
      mkdirSync(declared, { recursive: true });
      writeFileSync(join(declared, "new.test.yaml"), "version: 1\nregistry: new.test\n");
    }
    const [code] = (await once(child, "exit")) as [number | null];
    expect({ code, err }).toEqual({ code: 0, err: "" });
  }
}, 30_000);
