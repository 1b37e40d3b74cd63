import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { useRegistry } from "../support/cli-registry.ts";
import { runCommand } from "../support/command-line.ts";
import { makeScratchRoot } from "../support/scratch-root.ts";

const registry = useRegistry();
const HOME = "/home/builder";
const OWN = `${HOME}/.config/docker/certs.d`;
const LONG = Array.from({ length: 40_000 }, (_, each) => `key${each} = 1\n`).join("");
const BOTTOMLESS = `a = ${"[".repeat(100_000)}`;
const ENORMOUS = `{"auths":{${Array.from({ length: 200_000 }, (_, each) => `"r${each}":{"auth":"${"A".repeat(48)}"}`).join(",")}}}`;
const CONFIG = `${HOME}/.docker/config.json`;

/** Enrolled, also for a user with an engine in rootless mode. */
async function enrolled(): Promise<string> {
  const root = makeScratchRoot({
    "/etc/hosts": "127.0.0.1 localhost\n",
    "/etc/passwd": `builder:x:1000:1000::${HOME}:/bin/sh\n`,
    [`${HOME}/.local/share/docker/x`]: "",
  });
  const trust = ["--fingerprint", registry.fingerprint, "--username", "xl", "--password-stdin", "--no-verify"];
  const argv = ["enroll", registry.name, ...trust, "--user", "builder"];
  const done = await runCommand(argv, { root, stdin: "s3cret-pass\n" });
  expect({ exit: done.exit, err: done.exit === 0 ? "" : done.err }).toEqual({ exit: 0, err: "" });
  expect(readFileSync(join(root, OWN, registry.name, "ca.crt"), "utf8")).toBe(registry.tls.cert);
  return root;
}

/** What a user can do to what is his. */
function replace(root: string, path: string, put: (place: string) => void): void {
  rmSync(join(root, path), { recursive: true, force: true });
  put(join(root, path));
}

test.each<readonly [string, (root: string) => void]>([
  ["a directory as ca.crt", (root) => replace(root, `${OWN}/${registry.name}/ca.crt`, (place) => mkdirSync(place))],
  ["a link as ca.crt", (root) => replace(root, `${OWN}/${registry.name}/ca.crt`, (at) => symlinkSync("nowhere", at))],
  ["a hosts.toml that is none", (root) => writeFileSync(join(root, OWN, registry.name, "hosts.toml"), "[")],
  ["a bottomless hosts.toml", (root) => writeFileSync(join(root, OWN, registry.name, "hosts.toml"), BOTTOMLESS)],
  ["an enormous hosts.toml", (root) => writeFileSync(join(root, OWN, registry.name, "hosts.toml"), LONG)],
  ["a directory as hosts.toml", (root) => mkdirSync(join(root, OWN, registry.name, "hosts.toml"))],
  ["a key without a certificate", (root) => writeFileSync(join(root, OWN, registry.name, "x.key"), "")],
  ["a file as directory", (root) => replace(root, `${OWN}/${registry.name}`, (place) => writeFileSync(place, ""))],
  ["a file further above", (root) => replace(root, `${HOME}/.config`, (place) => writeFileSync(place, ""))],
  ["a directory as config.json", (root) => replace(root, CONFIG, (place) => mkdirSync(place))],
  ["a bottomless config.json", (root) => replace(root, CONFIG, (place) => writeFileSync(place, BOTTOMLESS.slice(4)))],
  ["an enormous config.json", (root) => replace(root, CONFIG, (place) => writeFileSync(place, ENORMOUS))],
  ["a config.json that is none", (root) => replace(root, CONFIG, (place) => writeFileSync(place, "{"))],
  ["a file in the place of .docker", (root) => replace(root, `${HOME}/.docker`, (place) => writeFileSync(place, ""))],
])("a user who makes %s does not keep the host from being put right", async (_, disturb) => {
  const root = await enrolled();
  disturb(root);
  const system = join(root, `/etc/docker/certs.d/${registry.name}/ca.crt`);
  rmSync(system);
  const done = await runCommand(["reconcile"], { root });
  expect({ exit: done.exit, err: done.exit === 0 ? "" : done.err }).toEqual({ exit: 0, err: "" });
  expect(done.err).toContain("builder");
  expect(readFileSync(system, "utf8")).toBe(registry.tls.cert);
  expect((await runCommand(["unenroll", registry.name], { root })).exit).toBe(0);
});
