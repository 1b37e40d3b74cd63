import { execFileSync, spawnSync } from "node:child_process";
import {
  mkdtempSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  copyFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { buildDebianPackage } from "../../scripts/packaging/debian/package.ts";
import { LIBRARIES } from "../../scripts/packaging/debian/control.ts";
import { requireLab } from "./lab.ts";
import { login, loginArgs, startClientLab, type ClientLab } from "./support/client-lab.ts";
import { checkout } from "./support/holder.ts";
import { bootMachine, type Machine } from "./support/machine.ts";
import { makeMachineTree, type MachineTree } from "./support/machine-tree.ts";

requireLab();

const { version } = manifest;
const NEXT = `${version}+next`;
const UNITS = ["regclient.socket", "regclient.service", "regclient-verify.timer"];
const SOURCE_DATE = 1_700_000_000;

let folder: string;
let first: string;
let second: string;
let debian: string;
let upgrade: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "regclient-"));
  first = build("first");
  second = build("second");
  debian = join(first, `regclient_${version}_amd64.deb`);
  upgrade = join(folder, `regclient_${NEXT}_amd64.deb`);
  await buildDebianPackage(join(folder, "tree"), upgrade, {
    arch: "x64",
    executable: join(first, `regclient-${version}-linux-x64`),
    copyright: "",
    sourceDate: SOURCE_DATE,
    fast: true,
    version: NEXT,
  });
}, 300_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** From a folder of its own: where it is made must not be seen in what is made. */
function build(name: string): string {
  const out = join(folder, name, "out");
  const main = join(checkout, "scripts/packaging/main.ts");
  const temporary = join(folder, name, "tmp");
  mkdirSync(temporary, { recursive: true });
  execFileSync(process.execPath, [main, "--fast", "--out", out], {
    env: { ...process.env, SOURCE_DATE_EPOCH: String(SOURCE_DATE), TMPDIR: temporary },
    stdio: ["ignore", "ignore", "inherit"],
  });
  return out;
}

test("two builds give the same bytes, and the sums are theirs", () => {
  const sums = readFileSync(join(first, "SHA256SUMS"), "utf8");
  expect(readFileSync(join(second, "SHA256SUMS"), "utf8")).toBe(sums);
  expect(execFileSync("sha256sum", ["--check", "--quiet", "SHA256SUMS"], { cwd: first, encoding: "utf8" })).toBe("");
  expect(readdirSync(first).sort()).toEqual([
    "SHA256SUMS",
    `regclient-${version}-copyright`,
    `regclient-${version}-linux-x64`,
    `regclient-${version}-linux-x64.cdx.json`,
    `regclient_${version}_amd64.deb`,
  ]);
});

test("the bill of materials names Node and what is bundled, nothing that only development needs", () => {
  const text = readFileSync(join(first, `regclient-${version}-linux-x64.cdx.json`), "utf8");
  const bill = JSON.parse(text) as {
    readonly metadata: { readonly timestamp: string };
    readonly components: readonly { readonly name: string; readonly purl: string }[];
  };
  const names = bill.components.map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(["node", "yargs", "zod", "yaml", "keytar"]));
  expect(names.filter((name) => ["vitest", "ssh2", "protobufjs", "typescript"].includes(name))).toEqual([]);
  expect(new Set(bill.components.map(({ purl }) => purl)).size).toBe(names.length);
  expect(bill.metadata.timestamp).toBe(new Date(SOURCE_DATE * 1000).toISOString());
});

test("every bundled package has its licence in the copyright file", () => {
  const copyright = readFileSync(join(first, `regclient-${version}-copyright`), "utf8");
  for (const name of ["node_modules/yargs", "node_modules/node-forge", "node_modules/@colors/colors", "node"])
    expect(copyright).toMatch(new RegExp(`^Files: ${name}/\\*\\nCopyright: .+`, "m"));
  expect(copyright).toContain("Node.js is licensed for use as follows");
});

test("lintian finds nothing that is not explained", () => {
  const { stdout, status } = spawnSync("lintian", ["--allow-root", "--fail-on", "error,warning", "-I", debian], {
    encoding: "utf8",
    timeout: 110_000,
  });
  expect({ stdout, status }).toEqual({ stdout: "", status: 0 });
});

test("the libraries it depends on are those that its program is linked with", () => {
  const scratch = join(folder, "shlibs");
  mkdirSync(join(scratch, "debian"), { recursive: true });
  writeFileSync(join(scratch, "debian/control"), "Source: regclient\n");
  const program = join(first, `regclient-${version}-linux-x64`);
  const found = execFileSync("dpkg-shlibdeps", ["-O", program], { cwd: scratch, encoding: "utf8", stdio: "pipe" });
  expect(found).toBe(`shlibs:Depends=${LIBRARIES}\n`);
});

test("the manual pages are there, one a command, and man has nothing to say of them", () => {
  const tree = join(folder, "tree/usr/share/man");
  const pages = readdirSync(join(tree, "man1"));
  const help = execFileSync(join(first, `regclient-${version}-linux-x64`), ["--help"], { encoding: "utf8" });
  const commands = [...help.matchAll(/^ {2}regclient ([a-z]+) /gm)].map((match) => match[1] ?? "");
  expect(commands.length).toBeGreaterThan(8);
  expect(pages).toEqual(expect.arrayContaining(commands.map((name) => `regclient-${name}.1.gz`)));
  for (const path of [...pages.map((name) => join("man1", name)), "man5/regclient.yaml.5.gz"]) {
    const argv = ["--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z", join(tree, path)];
    const { stderr, status } = spawnSync("man", argv, { encoding: "utf8", env: { ...process.env, MANWIDTH: "80" } });
    expect({ path, stderr, status }).toEqual({ path, stderr: "", status: 0 });
  }
});

test("installed, used, upgraded, removed and purged on a machine with systemd", { timeout: 300_000 }, async () => {
  const tree: MachineTree = await makeMachineTree();
  let lab: ClientLab | undefined;
  try {
    lab = await startClientLab({ tree: tree.path });
    const machine = await bootMachine(lab.client, "bare");
    for (const path of [debian, upgrade]) copyFileSync(path, machine.path(join("/tmp", basename(path))));
    const before = await listFiles(machine);
    await install(machine, debian);
    await checkInstalled(machine);
    await enroll(machine, lab.fingerprint);
    await checkUpgrade(machine);
    await checkRemovalWhileEnrolled(machine);
    await unenrollAndPurge(machine);
    const after = await listFiles(machine);
    // systemd makes the directory for the first timer that is to outlive a reboot, and keeps it
    const left = differences(before, after).filter((path) => path !== "/var/lib/systemd/timers");
    // policy: a group is never removed, its number could come to somebody else
    expect(left).toEqual(["/etc/group", "/etc/gshadow"]);
  } finally {
    await lab?.[Symbol.asyncDispose]();
    tree.remove();
  }
});

async function install(machine: Machine, path: string): Promise<string> {
  return machine.must(["dpkg", "--install", join("/tmp", basename(path))]);
}

async function checkInstalled(machine: Machine): Promise<void> {
  expect(await machine.must(["regclient", "--version"])).toBe(`${version}\n`);
  expect(await machine.must(["systemctl", "is-active", ...UNITS])).toBe("active\n".repeat(3));
  expect(await machine.must(["systemctl", "is-enabled", ...UNITS])).toBe("enabled\n".repeat(3));
  expect(await machine.must(["stat", "--format=%U:%G %a", "/run/regclient/credentials.sock"])).toBe(
    "root:docker 660\n",
  );
  expect(await machine.must(["docker-credential-regclient", "list"])).toBe("{}\n");
  expect(await machine.must(["dpkg", "--verify", "regclient"])).toBe("");
  expect(statSync(machine.path("/usr/share/man/man1/regclient-enroll.1.gz")).size).toBeGreaterThan(100);
}

async function enroll(machine: Machine, fingerprint: string): Promise<void> {
  const options = ["--address", "10.10.62.103", "--vault", "sealed"];
  await machine.must(["regclient", "enroll", "devregistry", ...options, ...loginArgs(fingerprint)], {
    stdin: `${login.password}\n`,
  });
  expect(await askPassword(machine)).toBe(login.password);
}

async function askPassword(machine: Machine): Promise<string> {
  const answer = await machine.must(["docker-credential-regclient", "get"], { stdin: "devregistry:443" });
  return (JSON.parse(answer) as { readonly Secret: string }).Secret;
}

async function checkUpgrade(machine: Machine): Promise<void> {
  const socket = await machine.must(["stat", "--format=%i", "/run/regclient/credentials.sock"]);
  const pid = await mainPid(machine);
  await machine.must(["systemctl", "disable", "--now", "regclient-verify.timer"]);
  await install(machine, upgrade);
  expect(await mainPid(machine)).not.toBe(pid);
  expect(await machine.must(["stat", "--format=%i", "/run/regclient/credentials.sock"])).toBe(socket);
  const timer = await machine.run(["systemctl", "is-enabled", "regclient-verify.timer"]);
  const runs = await machine.run(["systemctl", "is-active", "regclient-verify.timer"]);
  expect([timer.stdout, runs.stdout]).toEqual(["disabled\n", "inactive\n"]);
  expect(await askPassword(machine)).toBe(login.password);
}

async function mainPid(machine: Machine): Promise<string> {
  return machine.must(["systemctl", "show", "--property=MainPID", "--value", "regclient.service"]);
}

async function checkRemovalWhileEnrolled(machine: Machine): Promise<void> {
  const removed = await machine.run(["dpkg", "--remove", "regclient"]);
  expect(removed).toMatchObject({ code: 0, stderr: expect.stringContaining("  devregistry\n") as unknown });
  expect(removed.stderr).toContain("regclient unenroll NAME");
  const states = await machine.run(["systemctl", "is-active", ...UNITS]);
  expect(states.stdout).toBe("inactive\n".repeat(3));
  const purged = await machine.run(["dpkg", "--purge", "regclient"]);
  expect(purged).toMatchObject({ code: 0, stderr: expect.stringContaining("are left as they are") as unknown });
  for (const path of ["/var/lib/regclient/registries/devregistry.json", "/etc/regclient/registries.d/devregistry.yaml"])
    expect(statSync(machine.path(path)).isFile()).toBe(true);
}

async function unenrollAndPurge(machine: Machine): Promise<void> {
  // as when an image is built: nothing may be started
  const policy = machine.path("/usr/sbin/policy-rc.d");
  writeFileSync(policy, "#!/bin/sh\nexit 101\n", { mode: 0o755 });
  await install(machine, debian);
  rmSync(policy);
  expect((await machine.run(["systemctl", "is-active", ...UNITS])).stdout).toBe("inactive\n".repeat(3));
  await machine.must(["regclient", "unenroll", "devregistry"]);
  await machine.must(["dpkg", "--purge", "regclient"]);
}

// what dpkg, the journal and systemd keep of their own
const OTHERS = [
  "/var/lib/dpkg",
  "/var/log",
  "/var/cache",
  "/var/tmp",
  "/var/lib/systemd/random-seed",
  "/etc/group-",
  "/etc/gshadow-",
];

/** Every file that outlives a reboot: path to type, mode, owner and bytes. */
async function listFiles(machine: Machine): Promise<ReadonlyMap<string, string>> {
  const skip = OTHERS.flatMap((path) => ["-path", path, "-prune", "-o"]);
  const listed = await machine.must(["find", "/", "-xdev", ...skip, "-printf", "%p\t%M %U:%G %l\n"]);
  const hashed = await machine.must(["find", "/", "-xdev", ...skip, "-type", "f", "-exec", "sha256sum", "{}", "+"]);
  const digests = new Map(hashed.split("\n").map((line) => [line.slice(66), line.slice(0, 64)]));
  return new Map(
    listed.split("\n").map((line) => {
      const [path = "", rest = ""] = line.split("\t");
      return [path, `${rest} ${digests.get(path) ?? ""}`];
    }),
  );
}

function differences(one: ReadonlyMap<string, string>, other: ReadonlyMap<string, string>): readonly string[] {
  return [...new Set([...one.keys(), ...other.keys()])].filter((path) => one.get(path) !== other.get(path)).sort();
}
