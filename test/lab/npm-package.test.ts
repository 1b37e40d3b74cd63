import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { checkout } from "./support/holder.ts";

let folder: string;
let prefix: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "regclient-"));
  prefix = join(folder, "prefix");
  execFileSync("npm", ["pack", "--pack-destination", folder, "--loglevel=error"], { cwd: checkout, stdio: "pipe" });
  const quiet = ["--no-audit", "--no-fund", "--loglevel=error", "--prefer-offline"];
  const packed = join(folder, `regclient-${manifest.version}.tgz`);
  execFileSync("npm", ["install", "--global", "--prefix", prefix, ...quiet, packed], { stdio: "pipe" });
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A program as npm has installed it, with the Node in `node` as the only one on the PATH. */
function run(program: string, args: readonly string[], node = dirname(process.execPath)) {
  const PATH = `${node}:/bin`;
  const { status, stdout, stderr } = spawnSync(join(prefix, "bin", program), args, {
    encoding: "utf8",
    env: { PATH, HOME: folder },
  });
  return { status, stdout, stderr };
}

test("npm pack has what runs and what is read, and nothing of the making", () => {
  const installed = join(prefix, "lib/node_modules/regclient");
  const files = readdirSync(installed, { recursive: true, encoding: "utf8" });
  const own = files.filter((path) => !path.startsWith("node_modules"));
  expect(own.filter((path) => /^(?:src|test|scripts|packaging|fleet|dist\/cache)(?:\/|$)|\.ts$/.test(path))).toEqual(
    [],
  );
  for (const path of ["dist/main.cjs", "dist/helper/main.cjs", "LICENSE", "CHANGELOG.md", "docs/install.md"])
    expect(own).toContain(path);
});

test("installed into an empty prefix, both programs run on a tree", () => {
  expect(run("regclient", ["--version"])).toEqual({ status: 0, stdout: `${manifest.version}\n`, stderr: "" });
  const status = run("regclient", ["status", "--root", folder, "--output", "json"]);
  expect({ ...status, stdout: JSON.parse(status.stdout) as unknown }).toMatchObject({
    status: 0,
    stderr: "",
    stdout: { exit: 0, problems: [], registries: [] },
  });
  expect(run("docker-credential-regclient", ["version"])).toMatchObject({ status: 0, stderr: "" });
});

test("under a Node that is too old, each says so in one line", ({ skip }) => {
  const old = ["/usr/bin", "/usr/local/bin"].find((each) => existsSync(join(each, "node")) && majorOf(each) < 26);
  if (old === undefined) return skip("there is no Node older than 26 on this machine");
  const said = (program: string): RegExp =>
    new RegExp(`^${program}: error: it needs Node 26 or newer, and this is Node [\\d.]+, \\S+\\n$`);
  expect(manifest.engines.node).toBe(">=26");
  const matching = (program: string): string => expect.stringMatching(said(program)) as string;
  expect(run("regclient", ["--version"], old)).toEqual({ status: 2, stdout: "", stderr: matching("regclient") });
  // Docker shows what its helper wrote to stdout
  const helper = "docker-credential-regclient";
  expect(run(helper, ["version"], old)).toEqual({ status: 2, stdout: matching(helper), stderr: "" });
});

function majorOf(folderOfNode: string): number {
  const { stdout } = spawnSync(join(folderOfNode, "node"), ["--version"], { encoding: "utf8" });
  return Number.parseInt(stdout.slice(1), 10);
}
