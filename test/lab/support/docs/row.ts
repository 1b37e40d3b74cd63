import type { Stage } from "./stage.ts";

/** Hosts that commands are typed on: see docs-commands.test.ts, which has a test for each. */
export type Group = "pages" | "changes" | "registry" | "machine" | "checkout";

/** The pages of each group, in the order in which they are gone through. */
export const GROUPS: Readonly<Record<Group, readonly string[]>> = {
  pages: [
    "README.md",
    "SECURITY.md",
    "docs/architecture.md",
    "docs/cli.md",
    "docs/compatibility.md",
    "docs/dependencies.md",
    "docs/doctor.md",
    "docs/failures.md",
    "docs/runtimes.md",
    "docs/security.md",
    "docs/verification.md",
  ],
  changes: ["docs/enrollment.md", "docs/fleet.md", "docs/metrics.md", "docs/rotation.md"],
  registry: ["docs/devregistry.md"],
  machine: ["docs/daemon.md", "docs/install.md"],
  checkout: ["CONTRIBUTING.md", "docs/lab.md", "docs/performance.md", "packaging/Containerfile"],
};

/** What a command line of a page needs beside the placeholders. Without a row it is typed on the client, and ends with 0. */
export interface CommandRow {
  readonly page: string;
  /** As the page has it, without its comment. */
  readonly command: string;
  /** Where another page's hosts are the right ones. */
  readonly group?: Group;
  /** Typed on the registry's host, or by a person who stands beside all of them. */
  readonly at?: "registry" | "outside";
  /** Typed in its place: a name of a command alone gets what it needs. */
  readonly as?: string;
  /** That the page says, where it is not 0. */
  readonly exit?: number;
  /** How the client has to be found; enrolled, or bare for `regclient enroll`, unless said. */
  readonly host?: "bare" | "enrolled" | "as it is";
  readonly stdin?: string;
  readonly cwd?: string;
  readonly user?: string;
  readonly prepare?: (stage: Stage) => Promise<void> | void;
  /** It runs on until it is stopped: this file is there when it is ready. */
  readonly until?: string;
  /** Another one that runs meanwhile. */
  readonly beside?: { readonly command: string; readonly until: string };
  /** What it must print, or have done. */
  readonly check?: (stage: Stage, output: string) => Promise<void> | void;
}
