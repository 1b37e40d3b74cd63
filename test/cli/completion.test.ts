import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { run } from "../../src/cli/run.ts";
import { completionScript, SHELLS, type Shell } from "../../src/cli/completion/scripts.ts";
import { makeFakeHost, newTranscript, type Transcript } from "../support/fake-host.ts";
import { makeBrokenKeychain } from "../support/fake-keychain.ts";

const enrolled = mkdtempSync(join(tmpdir(), "regclient-root-"));
const records = join(enrolled, "var/lib/regclient/registries");
mkdirSync(records, { recursive: true });
for (const name of ["devregistry", "reg.test:5000"]) writeFileSync(join(records, `${name}.json`), "{}");
afterAll(() => rmSync(enrolled, { recursive: true }));

async function complete(words: readonly string[], shell: Shell = "bash"): Promise<readonly string[]> {
  const transcript = newTranscript();
  const exit = await run(["__complete", shell, ...words], {
    version: "1",
    keychain: makeBrokenKeychain("none"),
    hostAt: (root) => makeFakeHost({ root }, transcript),
  });
  expect({ exit, err: transcript.err }).toEqual({ exit: 0, err: "" });
  return transcript.out.split("\n").slice(0, -1);
}

const names = ["devregistry", "reg.test:5000"];

test.each([
  ["the first word", ["en"], ["enroll"]],
  ["a word that nothing begins with", ["nothing"], []],
  ["an option of a command", ["enroll", "--pass"], ["--password-stdin"]],
  [
    "an option that is on already",
    ["enroll", "x", "--no-"],
    ["--no-hosts", "--no-docker-config", "--no-verify", "--no-color"],
  ],
  ["an option that all commands have", ["status", "--outp"], ["--output"]],
  ["a value out of several", ["verify", "--mode", "pu"], ["pull", "push-pull"]],
  ["a value that may be anything", ["enroll", "--ca-file", ""], []],
  ["a second command", ["trust", ""], ["show", "accept", "reject"]],
  ["a shell", ["completion", ""], ["bash", "zsh", "fish"]],
  ["a name that is new", ["enroll", ""], []],
  ["a name", ["--root", enrolled, "unenroll", ""], names],
  ["a name after a flag", [`--root=${enrolled}`, "unenroll", "--dry-run", ""], names],
  ["a name after a value", ["--root", enrolled, "verify", "--mode", "pull", ""], names],
  ["a second name, of several", ["--root", enrolled, "verify", "devregistry", ""], names],
  ["a second name, of one", ["--root", enrolled, "unenroll", "devregistry", ""], []],
  ["a name behind two commands", ["--root", enrolled, "trust", "show", ""], names],
  ["what comes after the name", ["--root", enrolled, "trust", "accept", "devregistry", ""], []],
  ["names below a root that is not there", ["--root", "/nowhere", "unenroll", ""], []],
] as const)("completes %s", async (_, words, candidates) => {
  expect(await complete(words)).toEqual(candidates);
});

test("zsh and fish are told what each is for, in their own notation", async () => {
  expect(await complete(["unen"], "zsh")).toEqual(["unenroll:take back exactly what enrolling added"]);
  expect(await complete(["unen"], "fish")).toEqual(["unenroll\ttake back exactly what enrolling added"]);
  expect(await complete(["--root", enrolled, "logout", "reg"], "zsh")).toEqual([String.raw`reg.test\:5000:enrolled`]);
});

test("the script is for the shell that is named, or that the caller uses; else it asks which", async () => {
  for (const shell of SHELLS) {
    expect((await printScript([shell], "/bin/sh")).out).toBe(completionScript(shell));
    expect((await printScript([], `/usr/bin/${shell}`)).out).toBe(completionScript(shell));
  }
  const other = await printScript([], "/bin/tcsh");
  expect(other).toMatchObject({ exit: 2, out: "" });
  expect(other.err).toContain("regclient completion bash|zsh|fish");
});

async function printScript(words: readonly string[], shell: string): Promise<Transcript & { readonly exit: number }> {
  const transcript = newTranscript();
  const exit = await run(["completion", ...words], {
    version: "1",
    keychain: makeBrokenKeychain("none"),
    hostAt: (root) => {
      const host = makeFakeHost({ root }, transcript);
      return { ...host, caller: { ...host.caller, environment: { SHELL: shell } } };
    },
  });
  return { ...transcript, exit };
}

describe("a real shell", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "regclient-"));
    const main = resolve(import.meta.dirname, "../../src/main.ts");
    writeFileSync(
      join(folder, "regclient"),
      `#!/bin/sh\nexec "${process.execPath}" --disable-warning=ExperimentalWarning "${main}" "$@"\n`,
      { mode: 0o755 },
    );
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const ask = (shell: Shell, argv: readonly string[]): string =>
    execFileSync(shell, argv, { encoding: "utf8", env: { PATH: `${folder}:${process.env["PATH"]}`, HOME: folder } });

  /** As readline calls it: words are split at colons as well. */
  const askBash = (line: string): readonly string[] => {
    const probe = [
      `COMP_LINE='${line}'; COMP_POINT=\${#COMP_LINE}; COMP_WORDBREAKS=$' \\t\\n"><=;|&(:'`,
      `function=$(complete -p regclient); function=\${function##*-F }; \${function%% *}`,
      `printf '%s\\n' "\${COMPREPLY[@]}"`,
    ].join("\n");
    return ask("bash", ["--norc", "-c", `${completionScript("bash")}${probe}`])
      .trim()
      .split("\n");
  };

  test.each([
    ["regclient sta", ["status"]],
    ["regclient verify --mode ", ["login", "pull", "push-pull"]],
    [`regclient --root ${enrolled} unenroll `, names],
    [`regclient --root ${enrolled} unenroll reg.test:`, ["5000"]],
  ])("bash completes %j", (line, candidates) => {
    expect(askBash(line)).toEqual(candidates);
  });

  const has = (shell: string): boolean => {
    try {
      execFileSync(shell, ["-c", "true"]);
      return true;
    } catch {
      process.stderr.write(`NOT TESTED: completion in ${shell}, which is not on this machine\n`);
      return false;
    }
  };

  test.runIf(has("fish"))("fish completes, with what each is for", () => {
    const script = `${completionScript("fish")}\ncomplete -C 'regclient --root ${enrolled} logout reg'`;
    expect(ask("fish", ["--no-config", "-c", script])).toBe("reg.test:5000\tenrolled\n");
  });

  test.runIf(has("zsh"))("zsh reads the script, and its function hands the candidates on", () => {
    const probe = `_describe() { print -rl -- "$1" "\${(@P)2}" }\nwords=(regclient unenr); CURRENT=2\n_regclient`;
    const script = `compdef() { :; }\n${completionScript("zsh")}\n${probe}`;
    expect(ask("zsh", ["-f", "-c", script])).toBe("regclient\nunenroll:take back exactly what enrolling added\n");
  });
});
