import { execFileSync, spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { checkout } from "./support/holder.ts";

const SYSROOT = "/usr/aarch64-linux-gnu";
const NEEDED: readonly (readonly [path: string, debianPackage: string])[] = [
  ["/usr/bin/qemu-aarch64-static", "qemu-user-static"],
  ["/usr/bin/aarch64-linux-gnu-strip", "binutils-aarch64-linux-gnu"],
  [`${SYSROOT}/lib/libatomic.so.1`, "libatomic1-arm64-cross"],
  [`${SYSROOT}/lib/libstdc++.so.6`, "libstdc++6-arm64-cross"],
];
const missing = NEEDED.flatMap(([path, debianPackage]) => (existsSync(path) ? [] : [debianPackage]));
const title =
  missing.length === 0
    ? "the arm64 executable, emulated"
    : `SKIPPED, apt-get install ${missing.join(" ")}: the arm64 executable`;

test("keytar's native part for arm64 is one", () => {
  const prebuilds = join(dirname(createRequire(import.meta.url).resolve("keytar/package.json")), "prebuilds");
  const header = execFileSync("readelf", ["--file-header", join(prebuilds, "linux-arm64/keytar.node")]);
  expect(header.toString("utf8")).toMatch(/Machine: +AArch64/);
});

describe.skipIf(missing.length > 0)(title, () => {
  let folder: string;
  let program: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "regclient-"));
    const main = join(checkout, "scripts/packaging/main.ts");
    execFileSync(process.execPath, [main, "--arch", "arm64", "--fast", "--out", folder], {
      stdio: ["ignore", "ignore", "inherit"],
    });
    program = join(folder, `regclient-${manifest.version}-linux-arm64`);
    mkdirSync(join(folder, "root"));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  function run(args: readonly string[], name = "regclient") {
    const emulated = ["-L", SYSROOT, "-0", name, program, ...args];
    const { status, stdout, stderr } = spawnSync("qemu-aarch64-static", emulated, {
      encoding: "utf8",
      timeout: 60_000,
    });
    return { status, stdout, stderr };
  }

  test("says its version and its help", () => {
    expect(run(["--version"])).toEqual({ status: 0, stdout: `${manifest.version}\n`, stderr: "" });
    expect(run(["--help"])).toMatchObject({
      status: 0,
      stdout: expect.stringContaining("regclient enroll") as unknown,
    });
  });

  test("reads a tree, and speaks JSON of it", () => {
    const { status, stdout, stderr } = run(["status", "--root", join(folder, "root"), "--output", "json"]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(JSON.parse(stdout)).toMatchObject({ exit: 0, registries: [], problems: [] });
  });

  test("is the credential helper under that name", () => {
    const asked = run(["version"], "docker-credential-regclient");
    expect(asked).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^docker-credential-regclient /) as unknown,
    });
  });

  test("its package says so, too", () => {
    const deb = join(folder, `regclient_${manifest.version}_arm64.deb`);
    expect(execFileSync("dpkg-deb", ["--field", deb, "Architecture"], { encoding: "utf8" })).toBe("arm64\n");
  });
});
