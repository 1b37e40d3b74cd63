import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { execFileSync } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { createReadFiles, createWriteFiles } from "../../src/host/node-files.ts";
import { resolveBelow } from "../../src/host/rooted-path.ts";
import { makeScratchRoot, snapshotTree } from "../support/scratch-root.ts";

const own = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };

function text(entry: { readonly kind: string; readonly bytes?: Uint8Array }): string {
  return entry.bytes === undefined ? entry.kind : Buffer.from(entry.bytes).toString();
}

test("the kinds of entries", async () => {
  const root = makeScratchRoot({ "/a/file": "text", "/a/z": "", "/big": "x".repeat(20) });
  symlinkSync("file", join(root, "a/link"));
  symlinkSync("nowhere", join(root, "a/dangling"));
  execFileSync("mkfifo", [join(root, "a/fifo")]);
  const { readEntry } = createReadFiles(root);
  expect(await readEntry("/a/file")).toEqual({ kind: "file", bytes: Buffer.from("text"), mode: 0o644, ...own });
  expect(await readEntry("/a")).toMatchObject({ kind: "directory", names: ["dangling", "fifo", "file", "link", "z"] });
  expect(await readEntry("/a/link")).toEqual({ kind: "symlink", target: "file" });
  expect(await readEntry("/a/dangling")).toEqual({ kind: "symlink", target: "nowhere" });
  expect(await readEntry("/a/fifo")).toEqual({ kind: "other" });
  expect(await readEntry("/b")).toEqual({ kind: "absent" });
  expect(await readEntry("/a/file/b")).toEqual({ kind: "absent" });
  expect(await readEntry("/big", 20)).toMatchObject({ kind: "file" });
  expect(await readEntry("/big", 19)).toEqual({ kind: "unreadable", reason: "larger than 19 bytes" });
});

const inside = { "/etc/real": "inside", "/data/real": "inside" };

test.each([
  ["an absolute link", "/etc/hosts", "/data/real"],
  ["a relative link", "/etc/hosts", "../data/real"],
  ["a link with too many ..", "/etc/hosts", "../../../../../data/real"],
  ["a link by way of ..", "/etc/hosts", "/data/../etc/../data/real"],
])("%s leads to the file below the root", async (_, link, target) => {
  const root = makeScratchRoot(inside);
  symlinkSync(target, join(root, link));
  const files = createReadFiles(root);
  expect(await files.resolveLinks(link)).toBe("/data/real");
  expect(text(await files.readEntry(await files.resolveLinks(link)))).toBe("inside");
});

test("a linked directory on the way is followed below the root, for reading and writing", async () => {
  const outside = mkdtempSync(join(tmpdir(), "regclient-outside-"));
  try {
    writeFileSync(join(outside, "secret"), "outside");
    const root = makeScratchRoot({ "/var/x": "" });
    symlinkSync(outside, join(root, "etc"));
    const files = createReadFiles(root);
    expect(await files.readEntry("/etc/secret")).toEqual({ kind: "absent" });
    await expect(
      createWriteFiles(root).createFile("/etc/new", Buffer.from(""), { mode: 0o644, ...own }),
    ).rejects.toThrow("ENOENT");
    expect(snapshotTree(outside)).toEqual({ "/secret": "644 outside" });
  } finally {
    rmSync(outside, { recursive: true });
  }
});

test("what lies behind a loop of links cannot be read", async () => {
  const root = makeScratchRoot();
  symlinkSync("b", join(root, "a"));
  symlinkSync("a", join(root, "b"));
  expect(await createReadFiles(root).readEntry("/a/x")).toMatchObject({ kind: "unreadable" });
});

test("whatever links there are, no path leads out of the root", async () => {
  const part = fc.constantFrom("a", "b", "..", ".", "c", "/", "");
  const path = fc.array(part, { maxLength: 6 }).map((parts) => parts.join("/"));
  const links = fc.dictionary(
    fc.constantFrom("a", "b", "c"),
    path.filter((target) => target !== ""),
  );
  const property = fc.asyncProperty(links, path, async (targets, asked) => {
    const root = mkdtempSync(join(tmpdir(), "regclient-root-"));
    try {
      mkdirSync(join(root, "d"));
      for (const [name, target] of Object.entries(targets)) symlinkSync(target, join(root, name));
      const follow = async (): Promise<string> => resolveBelow(root, `/${asked}`);
      const resolved = await follow().catch(() => "/");
      expect(resolved).toMatch(/^\//);
      expect(resolved.split("/")).not.toContain("..");
    } finally {
      rmSync(root, { recursive: true });
    }
  });
  await fc.assert(property, { numRuns: 200 });
});

test("a file is created with its mode whatever the umask, and only where none is", async () => {
  const root = makeScratchRoot({ "/there": "old" });
  symlinkSync("elsewhere", join(root, "link"));
  const writer = createWriteFiles(root);
  await writer.createFile("/new", Buffer.from("x"), { mode: 0o666, ...own });
  expect(statSync(join(root, "new")).mode & 0o7777).toBe(0o666);
  for (const path of ["/there", "/link"])
    await expect(writer.createFile(path, Buffer.from("x"), { mode: 0o644, ...own })).rejects.toMatchObject({
      code: "EEXIST",
    });
  expect(readFileSync(join(root, "there"), "utf8")).toBe("old");
});

test("overwriting in place keeps the file itself, and leaves no old bytes behind", async () => {
  const root = makeScratchRoot({ "/f": "a long old text" });
  const before = statSync(join(root, "f")).ino;
  await createWriteFiles(root).overwriteFile("/f", Buffer.from("new"));
  expect(readFileSync(join(root, "f"), "utf8")).toBe("new");
  expect(statSync(join(root, "f")).ino).toBe(before);
});

test("overwriting does not go through a link", async () => {
  const root = makeScratchRoot({ "/f": "old" });
  symlinkSync("f", join(root, "l"));
  await expect(createWriteFiles(root).overwriteFile("/l", Buffer.from("new"))).rejects.toMatchObject({ code: "ELOOP" });
  expect(readFileSync(join(root, "f"), "utf8")).toBe("old");
});

test("a directory that is not empty is not removed", async () => {
  const root = makeScratchRoot({ "/d/f": "" });
  await expect(createWriteFiles(root).removeDirectory("/d")).rejects.toMatchObject({ code: "ENOTEMPTY" });
});
