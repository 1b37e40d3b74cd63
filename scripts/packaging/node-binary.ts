import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Architecture } from "./executable.ts";

const TOP = join(import.meta.dirname, "../..");

/** The Node of package-lock.json, its version. */
export function nodeVersion(): string {
  const lock = JSON.parse(readFileSync(join(TOP, "package-lock.json"), "utf8")) as {
    readonly packages: Readonly<Record<string, { readonly version: string }>>;
  };
  const version = lock.packages["node_modules/node"]?.version;
  if (version === undefined) throw new Error("package-lock.json has no node");
  return version;
}

/** A Node to build with. */
export interface NodeParts {
  readonly binary: string;
  /** The text of its licence, with those of all that it brings. */
  readonly licence: string;
}

/**
 * Node for `architecture`, unpacked in `folder`, without the symbols that only a debugger reads: a fifth of its size. It
 * comes from npm, which checks what it downloads against the registry's digest.
 */
export function provideNode(architecture: Architecture, folder: string): NodeParts {
  const name = `node-linux-${architecture}`;
  writeFileSync(join(folder, "package.json"), "{}");
  // --force: npm leaves packages out that are for another machine
  const options = ["--ignore-scripts", "--no-audit", "--no-fund", "--force", "--prefer-offline", "--loglevel=error"];
  execFileSync("npm", ["install", "--prefix", folder, ...options, `${name}@${nodeVersion()}`], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  const unpacked = join(folder, "node_modules", name);
  const binary = join(unpacked, "bin/node");
  execFileSync(findStrip(architecture), ["--remove-section=.comment", binary]);
  return { binary, licence: readFileSync(join(unpacked, "LICENSE"), "utf8") };
}

const BINUTILS = {
  x64: { command: "x86_64-linux-gnu-strip", debianPackage: "binutils-x86-64-linux-gnu" },
  arm64: { command: "aarch64-linux-gnu-strip", debianPackage: "binutils-aarch64-linux-gnu" },
} as const;

function findStrip(architecture: Architecture): string {
  const { command, debianPackage } = BINUTILS[architecture];
  if (spawnSync(command, ["--version"]).status === 0) return command;
  throw new Error(`there is no ${command}: apt-get install ${debianPackage}`);
}
