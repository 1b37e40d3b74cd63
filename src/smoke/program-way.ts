import type { ProgramVia } from "./report.ts";

/** One program that takes, pushes and pulls images: what it is to be called with. Data and pure functions. */
export interface ProgramWay {
  readonly via: ProgramVia;
  /** What people call it, in the middle of a sentence. */
  readonly title: string;
  /** Looked for in the usual directories. */
  readonly program: string;
  readonly versionArguments: readonly string[];
  /** It finds a login only where it is told one, at a terminal: it reads no config.json. */
  readonly asksForLogin?: true;
  /** Pushes the archive's manifest as it is, and says no digest. */
  readonly keepsDigest?: true;
  steps(image: ImageAtHand): ProgramSteps;
}

/** Commands without the program's own name, in the order in which they are run. */
export interface ProgramSteps {
  /** Takes the image in; nothing where it pushes right from the archive. */
  readonly load: readonly Command[];
  readonly push: readonly Command[];
  /** Between push and pull: the program is to have nothing of it. */
  readonly forget: readonly Command[];
  readonly pull: readonly Command[];
  /** Run to the last whatever came before; that something is not there any more is no failure. */
  readonly clean: readonly Command[];
  /** Proves the login that it finds by itself, without changing anything. */
  readonly login?: readonly Command[];
}

/** One call. */
export interface Command {
  readonly args: readonly string[];
  /** It asks for the password at its terminal, where it is given one. */
  readonly needsLogin?: true;
}

/** What the commands are about. */
export interface ImageAtHand {
  /** As `devregistry:443`. */
  readonly registry: string;
  /** As `devregistry:443/regclient-smoke`. */
  readonly repository: string;
  readonly tag: string;
  /** Of what was pushed; empty before. */
  readonly digest: string;
  /** An OCI image layout in a tar. */
  readonly archive: string;
  /** Where it is to write the digest. */
  readonly digestFile: string;
  /** A place for what is pulled, for programs without one of their own. */
  readonly pulled: string;
  /** What `--hosts-dir` of ctr is to be. */
  readonly hostsDirectory: string;
  /** Of the login; undefined where there is none. */
  readonly username: string | undefined;
}
