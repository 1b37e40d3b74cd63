import { chmodSync, lchownSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { findOwnFile, writeOwnFile } from "../../src/apply/own-file.ts";
import { useRegistry } from "../support/cli-registry.ts";
import { runCommand, steady, type Ran } from "../support/command-line.ts";
import { makeFakeHost } from "../support/fake-host.ts";
import { codeOf, valueOf } from "../support/registry-client.ts";
import { makeScratchRoot, snapshotTree } from "../support/scratch-root.ts";

const registry = useRegistry();
const start = { "/etc/hosts": "127.0.0.1 localhost\n", "/var/lib/x": "" };

async function enrolled(): Promise<string> {
  const root = makeScratchRoot(start);
  const trust = ["--fingerprint", registry.fingerprint, "--username", "xl", "--password-stdin", "--no-verify"];
  const { exit } = await runCommand(["enroll", registry.name, ...trust], { root, stdin: "s3cret-pass\n" });
  expect(exit).toBe(0);
  return root;
}

async function verify(root: string, argv: readonly string[]): Promise<Ran> {
  return runCommand(["verify", registry.name, "--via", "direct", ...argv], { root });
}

test("three reports at once, where the person who types it is, also with --root", async () => {
  const root = await enrolled();
  const before = snapshotTree(root);
  const folder = makeScratchRoot();
  const place = (name: string): string => join(folder, name);
  const reports = ["junit", "html", "json"].flatMap((format) => ["--report", `${format}=${place(`verify.${format}`)}`]);
  const { exit, out } = await verify(root, [...reports, "--size", "100k", "--output", "json"]);
  expect(exit).toBe(0);
  expect(readdirSync(folder).sort()).toEqual(["verify.html", "verify.json", "verify.junit"]);
  expect(readFileSync(place("verify.json"), "utf8")).toBe(out);
  expect(steady(readFileSync(place("verify.junit"), "utf8"))).toContain(
    `<testsuite name="127.0.0.1:PORT direct" timestamp="`,
  );
  expect(readFileSync(place("verify.html"), "utf8")).toContain("All work from client-1");
  expect(statSync(place("verify.html")).mode & 0o777).toBe(0o666 & ~process.umask());
  expect(snapshotTree(root)).toEqual(before);
});

test("a report is written over an older one, which keeps its mode, and through a link", async () => {
  const root = await enrolled();
  const folder = makeScratchRoot({ "/old.xml": "old", "/else/real.json": "old" });
  chmodSync(join(folder, "old.xml"), 0o640);
  symlinkSync("else/real.json", join(folder, "link.json"));
  const { exit } = await verify(root, [
    "--mode",
    "login",
    "--report",
    `junit=${folder}/old.xml`,
    "--report",
    `json=${folder}/link.json`,
  ]);
  expect(exit).toBe(0);
  expect(readFileSync(join(folder, "old.xml"), "utf8")).toContain("<testsuites");
  expect(statSync(join(folder, "old.xml")).mode & 0o777).toBe(0o640);
  expect(readFileSync(join(folder, "else/real.json"), "utf8")).toContain(`"reports"`);
  expect(readdirSync(folder).sort()).toEqual(["else", "link.json", "old.xml"]);
});

test("a registry that fails is in every report, and the exit code is that of the failure", async () => {
  const root = await enrolled();
  const folder = makeScratchRoot();
  const { exit } = await runCommand(
    ["verify", "gone", registry.name, "--via", "direct", "--mode", "login", "--report", `junit=${folder}/a.xml`],
    { root },
  );
  expect(exit).toBe(2);
  const xml = readFileSync(join(folder, "a.xml"), "utf8");
  expect(xml).toContain('<testsuites name="regclient verify" tests="5" failures="1" errors="0" skipped="0">');
  expect(xml).toContain('type="RC-CFG-004"');
});

test.each([
  ["no format", "verify.xml", "RC-CFG-005", "is not junit=FILE, html=FILE or json=FILE"],
  ["an unknown format", "pdf=x.pdf", "RC-CFG-005", "is not junit=FILE"],
  ["no file", "junit=", "RC-CFG-005", "is not junit=FILE"],
  ["a directory", "junit=FOLDER", "RC-CFG-060", "it is a directory"],
  ["a directory that is not there", "junit=FOLDER/none/a.xml", "RC-CFG-060", "ENOENT"],
  ["a name with a slash at its end", "html=FOLDER/a/", "RC-CFG-060", "that names a directory"],
  ["a file for a directory", "html=FOLDER/file/a", "RC-CFG-060", "ENOTDIR"],
  ["a link that leads nowhere", "json=FOLDER/dangling", "RC-CFG-060", "it is a link that leads nowhere"],
  ["a device", "json=/dev/null", "RC-CFG-060", "it is no regular file"],
])("a report that cannot be written is refused before anything is done: %s", async (_, value, code, told) => {
  const root = await enrolled();
  const folder = makeScratchRoot({ "/file": "" });
  symlinkSync("nowhere", join(folder, "dangling"));
  const asked = registry.requests.length;
  const { exit, err } = await verify(root, ["--report", value.replace("FOLDER", folder)]);
  expect(exit).toBe(2);
  expect(err).toContain(`[${code}]`);
  expect(err).toContain(told);
  expect(registry.requests).toHaveLength(asked);
  expect(readdirSync(folder)).toEqual(["dangling", "file"]);
});

test("two reports in one file are refused", async () => {
  const root = await enrolled();
  const folder = makeScratchRoot();
  const { exit, err } = await verify(root, ["--report", `junit=${folder}/a`, "--report", `html=${folder}/./a`]);
  expect(exit).toBe(2);
  expect(err).toContain("two reports name the file");
  expect(readdirSync(folder)).toEqual([]);
});

test("a place that is lost meanwhile is told, and nothing is left there", async () => {
  const folder = makeScratchRoot({ "/inner/other": "" });
  const path = join(folder, "inner/a.xml");
  const file = valueOf(findOwnFile(path));
  rmSync(join(folder, "inner"), { recursive: true });
  const { caller } = makeFakeHost({ root: folder });
  expect(codeOf(await writeOwnFile(file, "text", caller))).toBe("RC-CFG-060");
  expect(readdirSync(folder)).toEqual([]);
  mkdirSync(path, { recursive: true });
  expect(codeOf(await writeOwnFile(file, "text", caller))).toBe("RC-CFG-060");
  expect(readdirSync(join(folder, "inner"))).toEqual(["a.xml"]);
});

test.each([
  ["a size that is none", ["--size", "ten"], "is not a number of bytes"],
  ["a size of nothing", ["--size", "0"], "not between 1 byte and 64 GB"],
  ["a size where nothing is pushed", ["--size", "1M", "--mode", "login"], "with --mode login nothing is pushed"],
])("%s is refused before anything is done", async (_, argv, told) => {
  const root = await enrolled();
  const asked = registry.requests.length;
  const { exit, err } = await verify(root, argv);
  expect(exit).toBe(2);
  expect(err).toContain("--size cannot be used");
  expect(err).toContain(told);
  expect(registry.requests).toHaveLength(asked);
});

test("--size is told with its speed", async () => {
  const { exit, out } = await verify(await enrolled(), ["--size", "1M"]);
  expect(exit).toBe(0);
  // the clock of this host moves only while somebody sleeps
  expect(out).toMatch(/push +0 ms +1 MB at 1000 MB\/s, regclient-smoke:verify-client-1\n/);
  expect(out).toMatch(/pull +0 ms +1 MB at 1000 MB\/s, by digest, and equal/);
});

test.runIf(process.getuid?.() === 0)(
  "where somebody else has put a link in the way, what it leads to is not written",
  () => {
    const folder = makeScratchRoot({ "/victim": "theirs", "/inside/file": "theirs" });
    for (const [target, name] of [
      ["victim", "report.xml"],
      ["inside", "reports"],
    ] as const) {
      symlinkSync(target, join(folder, name));
      lchownSync(join(folder, name), 65_534, 65_534);
    }
    expect(codeOf(findOwnFile(join(folder, "report.xml")))).toBe("RC-CFG-060");
    expect(codeOf(findOwnFile(join(folder, "reports/file")))).toBe("RC-CFG-060");
    expect(codeOf(findOwnFile(join(folder, "reports/new")))).toBe("RC-CFG-060");
    expect(readFileSync(join(folder, "victim"), "utf8")).toBe("theirs");
  },
);
