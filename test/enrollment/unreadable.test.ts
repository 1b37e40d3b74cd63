import { expect, test } from "vitest";
import type { Entry } from "../../src/host/ports.ts";
import { makeMemoryWorld, type MemoryWorld } from "../support/memory-world.ts";
import { CONFIG, enrollIn, planEnroll, planUnenroll, type Planned } from "../support/planned-host.ts";
import { codeOf } from "../support/registry-client.ts";

const devregistry: Planned = { name: "devregistry", address: "10.10.62.103", vault: "sealed" };

/** The same world, where one path cannot be read. */
function withEntry(world: MemoryWorld, path: string, entry: Entry): MemoryWorld {
  const readEntry = async (asked: string): Promise<Entry> => (asked === path ? entry : world.files.readEntry(asked));
  return { ...world, files: { ...world.files, readEntry } };
}

const tooLarge: Entry = { kind: "unreadable", reason: "larger than 1048576 bytes" };

test.each([
  ["a hosts file that is too large", "/etc/hosts", tooLarge],
  ["a hosts file that is a device", "/etc/hosts", { kind: "other" }],
  ["a Docker config that may not be read", CONFIG, { kind: "unreadable", reason: "EACCES: permission denied" }],
  ["a directory in place of a Docker config", CONFIG, { kind: "directory", names: [], mode: 0o755, uid: 0, gid: 0 }],
] as const)("%s is a problem that names it, not an empty file", async (_, path, entry) => {
  const world = makeMemoryWorld({ "/etc/hosts": "127.0.0.1 localhost\n" });
  const planned = await planEnroll(withEntry(world, path, entry), devregistry);
  expect(codeOf(planned)).toBe("RC-CFG-006");
  expect(JSON.stringify(planned)).toContain(path);
});

test.each([["/etc/hosts"], [CONFIG]])("unenrolling leaves %s when it cannot be read, and says so", async (path) => {
  const world = makeMemoryWorld({ "/etc/hosts": "127.0.0.1 localhost\n" });
  await enrollIn(world, devregistry);
  const { changes, notes } = await planUnenroll(withEntry(world, path, tooLarge), devregistry);
  expect(notes).toEqual([`${path} cannot be read (larger than 1048576 bytes), so it stays as it is`]);
  expect(changes.some((change) => "path" in change && change.path === path)).toBe(false);
});
