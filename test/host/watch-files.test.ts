import { chmodSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { watchFiles, type FileWatch } from "../../src/host/watch-files.ts";
import { makeScratchRoot } from "../support/scratch-root.ts";

interface Watched {
  readonly root: string;
  readonly watch: FileWatch;
  /** Waits for an event at the path that comes after `change`. */
  told(path: string, change: () => void): Promise<void>;
  /** The same, changing it again and again: for what begins to be watched only now. */
  changeUntilTold(path: string, change: (count: number) => void): Promise<void>;
  readonly events: string[];
}

const start = {
  "/etc/hosts": "127.0.0.1 localhost\n",
  "/etc/other": "",
  "/certs/a/ca.crt": "one",
  "/registries.d/a.yaml": "",
};

/** A watch that has begun. */
async function makeWatched(paths: readonly string[]): Promise<Watched> {
  const root = makeScratchRoot(start);
  const events: string[] = [];
  const failures: string[] = [];
  const begun = Promise.withResolvers<void>();
  const watch = watchFiles({
    changed: (path) => void events.push(path.slice(root.length)),
    begun: () => begun.resolve(),
    failed: (reason) => void failures.push(reason),
  });
  onTestFinished(async () => {
    await watch.close();
    expect(failures).toEqual([]);
  });
  watch.watchOnly(paths.map((path) => join(root, path)));
  await begun.promise;
  const told: Watched["told"] = async (path, change) => {
    const before = events.length;
    change();
    await expect.poll(() => events.slice(before), { timeout: 10_000, interval: 10 }).toContain(path);
  };
  const changeUntilTold: Watched["changeUntilTold"] = async (path, change) => {
    const before = events.length;
    let count = 0;
    const look = (): readonly string[] => {
      change(count++);
      return events.slice(before);
    };
    await expect.poll(look, { timeout: 10_000, interval: 100 }).toContain(path);
  };
  return { root, watch, told, changeUntilTold, events };
}

test("a file that is written, changed in mode, renamed over twice, removed and written again", async () => {
  const { root, told, changeUntilTold } = await makeWatched(["/etc/hosts"]);
  const path = join(root, "/etc/hosts");
  const replace = (text: string) => () => {
    writeFileSync(`${path}.new`, text);
    renameSync(`${path}.new`, path);
  };
  await told("/etc/hosts", () => writeFileSync(path, "a"));
  // a mode alone, within 50 ms of an event, is not told by itself: whoever waits that long before looking sees it
  await changeUntilTold("/etc/hosts", (count) => chmodSync(path, count % 2 === 0 ? 0o600 : 0o644));
  await told("/etc/hosts", replace("b"));
  await told("/etc/hosts", replace("c"));
  await told("/etc/hosts", () => rmSync(path));
  await told("/etc/hosts", () => writeFileSync(path, "d"));
});

test("directories that are not there yet, that go, and that come back", async () => {
  const { root, told } = await makeWatched(["/new/registries.d", "/certs/a/ca.crt", "/home/x/.docker/config.json"]);
  await told("/new/registries.d/b.yaml", () => {
    mkdirSync(join(root, "/new/registries.d"), { recursive: true });
    writeFileSync(join(root, "/new/registries.d/b.yaml"), "");
  });
  await told("/certs/a/ca.crt", () => rmSync(join(root, "/certs"), { recursive: true }));
  await told("/certs/a/ca.crt", () => {
    mkdirSync(join(root, "/certs/a"), { recursive: true });
    writeFileSync(join(root, "/certs/a/ca.crt"), "two");
  });
  mkdirSync(join(root, "/home/x"), { recursive: true });
  await told("/home/x/.docker/config.json", () => {
    mkdirSync(join(root, "/home/x/.docker"));
    writeFileSync(join(root, "/home/x/.docker/config.json"), "{}");
  });
});

test("a socket that is made anew", async () => {
  const { root, told } = await makeWatched(["/run/docker.sock"]);
  mkdirSync(join(root, "/run"));
  for (let count = 0; count < 2; count++) {
    const server = createServer();
    await told("/run/docker.sock", () => void server.listen(join(root, "/run/docker.sock")));
    await told("/run/docker.sock", () => void server.close());
  }
});

test("what lies beside is not looked at, and what is no longer wanted no longer told", async () => {
  const { root, watch, told, changeUntilTold, events } = await makeWatched(["/etc/hosts", "/registries.d"]);
  events.splice(0);
  writeFileSync(join(root, "/etc/other"), "changed");
  mkdirSync(join(root, "/etc/deep/down"), { recursive: true });
  await told("/registries.d/a.yaml", () => writeFileSync(join(root, "/registries.d/a.yaml"), "x"));
  expect(events.filter((path) => path.startsWith("/etc/"))).toEqual([]);
  watch.watchOnly([join(root, "/registries.d"), join(root, "/etc/other")]);
  writeFileSync(join(root, "/etc/hosts"), "no longer");
  await changeUntilTold("/etc/other", (count) => writeFileSync(join(root, "/etc/other"), String(count)));
  expect(events).not.toContain("/etc/hosts");
  await watch.close();
  const before = events.length;
  writeFileSync(join(root, "/registries.d/a.yaml"), "y");
  await wait(0);
  expect(events).toHaveLength(before);
});
