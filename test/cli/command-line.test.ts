import { expect, test } from "vitest";
import { parseCommandLine } from "../../src/cli/app.ts";
import { run } from "../../src/cli/run.ts";
import { runCommand } from "../support/command-line.ts";
import { makeFakeHost, newTranscript } from "../support/fake-host.ts";
import { makeBrokenKeychain } from "../support/fake-keychain.ts";
import { makeScratchRoot, snapshotTree } from "../support/scratch-root.ts";

const commands = [
  "enroll",
  "verify",
  "status",
  "reconcile",
  "login",
  "logout",
  "reseal",
  "unenroll",
  "daemon",
  "completion",
];

async function printed(argv: readonly string[]): Promise<string> {
  const parsed = await parseCommandLine(argv, "1.2.3", 100);
  return parsed.kind === "print" ? parsed.text : `not a text: ${JSON.stringify(parsed)}`;
}

test("--help names every command, option and exit code", async () => {
  const help = await printed(["--help"]);
  for (const command of commands) expect(help).toContain(`  regclient ${command} `);
  for (const option of ["root", "output", "quiet", "verbose", "color", "non-interactive"])
    expect(help).toContain(`--${option} `);
  for (let code = 0; code <= 8; code++) expect(help).toMatch(new RegExp(`(?:Exit codes:|·|^)\\s*${code}\\s`, "m"));
  expect(await printed(["-h"])).toBe(help);
});

test.each(commands)("regclient %s --help says what it does, and runs nothing", async (command) => {
  const root = makeScratchRoot();
  const { exit, out, err } = await runCommand([command, "--help"], { root });
  expect(out).toContain(`regclient ${command}`);
  expect({ exit, err, tree: snapshotTree(root) }).toEqual({ exit: 0, err: "", tree: {} });
});

test("--version is the version, and nothing else", async () => {
  expect(await printed(["--version"])).toBe("1.2.3\n");
});

test.each([
  ["no command", [], "no command is given"],
  ["an unknown command", ["bogus"], "bogus"],
  ["a misspelt command", ["enrol", "x"], "enroll"],
  ["an unknown option", ["status", "--bogus"], "bogus"],
  ["a name that is missing", ["enroll"], "the NAME of a registry is missing"],
  ["a password on the command line", ["enroll", "x", "--password", "hunter2"], "use --password-stdin"],
  ["the same, with =", ["enroll", "x", "--password=hunter2"], "use --password-stdin"],
  ["the same, in one word", ["enroll", "x", "--passwordhunter2"], "use --password-stdin"],
  ["a password as docker takes it", ["enroll", "x", "-p", "hunter2"], "use --password-stdin"],
  ["the same, with h in one word", ["enroll", "x", "-phunter2"], "use --password-stdin"],
  ["the same, with =", ["login", "x", "-p=hunter2"], "use --password-stdin"],
  ["another short option", ["status", "-xh"], "xh"],
  ["a part of an option", ["status", "--root.x=1"], "root.x"],
  ["a bad --output", ["status", "--output", "xml"], "output"],
  ["a bad --mode", ["verify", "--mode", "fast"], "mode"],
  ["a bad --vault", ["enroll", "x", "--vault", "shoebox"], "vault"],
  ["an --address without a value", ["enroll", "x", "--address"], "address"],
] as const)("a mistake is told, and nothing is done: %s", async (_, argv, told) => {
  const parsed = await parseCommandLine(argv, "1.2.3", 100);
  expect(parsed).toMatchObject({ kind: "mistake", message: expect.stringContaining(told) as unknown });
  expect(JSON.stringify(parsed)).not.toContain("hunter2");
});

test.each([
  [["statsu"], "there is no command statsu; did you mean status?", "regclient"],
  [["--root", "/tmp", "statsu"], "there is no command statsu; did you mean status?", "regclient"],
  [["trust", "foo", "x"], "there is no command foo; did you mean show?", "regclient trust"],
  [["trust", "accept", "x"], "the FINGERPRINT of a certificate is missing", "regclient trust accept"],
  [["status", "--foo-bar=1"], "there is no option --foo-bar here", "regclient status"],
  [["enroll", "x", "y"], "y: not expected here", "regclient enroll"],
  [["enroll", "x", "--address"], "--address needs a value", "regclient enroll"],
  [["verify", "--mode", "fast"], '--mode cannot be "fast", only "login", "pull", "push-pull"', "regclient verify"],
] as const)("%j is told in regclient's own words, with the help that fits", async (argv, message, command) => {
  expect(await parseCommandLine(argv, "1.2.3", 100)).toEqual({ kind: "mistake", message, command, wantsJson: false });
});

test.each([...commands, "trust accept", "token create"])("regclient %s --help fits a terminal", async (command) => {
  const help = (await parseCommandLine([...command.split(" "), "--help"], "1.2.3", 80)) as { readonly text: string };
  expect(help.text.split("\n").filter((line) => line.length > 80)).toEqual([]);
  expect(help.text.indexOf("Everywhere:")).toBeGreaterThan(help.text.indexOf("Options:"));
});

test("a mistake as JSON is one document, with exit code 2", async () => {
  const root = makeScratchRoot();
  for (const argv of [["bogus", "--output", "json"], ["--output=json"], ["status", "--bogus", "--output", "json"]]) {
    const { exit, out, err } = await runCommand(argv, { root });
    expect(JSON.parse(out)).toMatchObject({ exit: 2, problems: [{ code: "RC-CFG-007" }] });
    expect({ exit, err }).toEqual({ exit: 2, err: "" });
  }
});

test.each([
  ["that is not there", "/nowhere"],
  ["that is a file", "/etc/passwd"],
])("a --root %s is refused", async (_, root) => {
  const transcript = newTranscript();
  const exit = await run(["status", "--root", root], {
    version: "1",
    keychain: makeBrokenKeychain("none"),
    hostAt: () => makeFakeHost({ root: "/" }, transcript),
  });
  expect(exit).toBe(2);
  expect(transcript.err).toContain(`${root}, given with --root, is no directory [RC-CFG-007]`);
});

test("status, verify and reconcile on a host that has nothing", async () => {
  const root = makeScratchRoot();
  expect(await runCommand(["status"], { root })).toMatchObject({
    exit: 0,
    out: "no registry is enrolled on this host\n",
  });
  expect(await runCommand(["reconcile"], { root })).toMatchObject({
    exit: 0,
    out: "no registry is declared in /etc/regclient/registries.d\n",
  });
  expect(await runCommand(["verify"], { root })).toMatchObject({ exit: 2, out: "" });
  expect(snapshotTree(root)).toEqual({});
});

test("status names what is declared and not enrolled", async () => {
  const root = makeScratchRoot({
    "/etc/regclient/registries.d/devregistry.yaml": "version: 1\nregistry: devregistry\n",
  });
  const { out } = await runCommand(["status"], { root });
  expect(out).toBe("devregistry is declared, and not enrolled yet: regclient enroll devregistry\n");
});

test("a broken declaration is told with its file and line, by reconcile and by enroll", async () => {
  const path = "/etc/regclient/registries.d/devregistry.yaml";
  const root = makeScratchRoot({ [path]: "version: 1\nregistry: devregistry\nadress: 10.0.0.1\n" });
  const before = snapshotTree(root);
  for (const argv of [["reconcile"], ["enroll", "devregistry"]]) {
    const { exit, err } = await runCommand(argv, { root });
    expect(err).toContain(`the declaration is wrong at ${path}:3: adress [RC-CFG-001]`);
    expect(exit).toBe(2);
  }
  expect(snapshotTree(root)).toEqual(before);
});

test.each([
  ["of one registry", "/var/lib/regclient/registries/devregistry.json", "{"],
  ["of one registry, by another version", "/var/lib/regclient/registries/devregistry.json", '{"version":2}'],
  ["of the host", "/var/lib/regclient/shared.json", "[]"],
])("a damaged record %s is told, never taken for none", async (_, path, text) => {
  const root = makeScratchRoot({ [path]: text });
  const before = snapshotTree(root);
  for (const command of ["status", "unenroll", "enroll"]) {
    const { exit, err } = await runCommand([command, "devregistry"], { root });
    expect(err).toContain(`regclient's own record ${path} cannot be read [RC-CFG-002]`);
    expect(exit).toBe(7);
  }
  expect(snapshotTree(root)).toEqual(before);
});
