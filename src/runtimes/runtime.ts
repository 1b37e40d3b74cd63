import type { Problem } from "../findings/problem.ts";
import type { Account, Entry } from "../host/ports.ts";
import type { ClientCertificate } from "../registry/client-certificate.ts";
import type { RegistryName } from "../registry/name.ts";
import type { Result } from "../result.ts";
import type { ProgramId } from "./programs.ts";
import type { RuntimeId } from "./runtime-ids.ts";

/**
 * One kind of container runtime, as data and pure functions: how it is found, what it must see, and what it wants to find
 * on the host to trust a registry. Reading, comparing, writing and undoing exist once, for all of them, in
 * src/enrollment and src/apply.
 */
export interface Runtime {
  readonly id: RuntimeId;
  /** What people call it: `podman, skopeo, buildah, CRI-O`. */
  readonly title: string;
  readonly signs: Signs;
  /** `--runtime auto` does not stand for it, found or not: it must be asked for by name. */
  readonly onRequestOnly?: true;
  /** What it wants depends on its version, so its program is run for every plan and not only for `status`. */
  readonly versionMatters?: true;
  /**
   * The paths to be looked at. Asked again, with what was seen so far, until it names no new ones: so a configuration
   * file may lead to others. What was not looked at yet counts as absent.
   */
  looksAt(about: RuntimeCase, view: RuntimeView): readonly string[];
  /** What makes the runtime trust exactly `about.bundle` for the registry under each of its names. */
  wants(about: RuntimeCase, view: RuntimeView): RuntimeWants;
  /**
   * Takes lines that `SharedEdit.put` added out of a shared file again, by what they say, where somebody else has written
   * to the file since: those of the registry, or without `name` those of every registry. Text without any stays as it is.
   * A file in which nothing else is left comes back as an empty text.
   */
  readonly takeOut?: (text: string, name: RegistryName | undefined, path: string) => Result<string>;
  /** What has to be run once this file of its is written or removed. */
  programAfter?(path: string, isRemoved: boolean): ProgramId | undefined;
  /** The files that it reads for this registry, where it has looked: for `status`. */
  reads(about: RuntimeCase, view: RuntimeView): readonly string[];
}

/** What shows that a runtime is on a host. */
export interface Signs {
  /** Programs, looked for in the usual directories; the first found is asked for its version. */
  readonly programs: readonly string[];
  /** Arguments that make it print one, the number in it being the first like 1.2 or 1.2.3. Without any it is never run. */
  readonly versionArguments?: readonly string[];
  /** Sockets, configuration files or directories that only it has. */
  readonly paths: readonly string[];
}

/** A runtime that is on this host. */
export interface FoundRuntime {
  /** The program or the path that showed it. */
  readonly sign: string;
  /** As its program says; undefined where it could not be run (another root, a program that hangs). */
  readonly version: string | undefined;
}

/** The case at hand, as far as a runtime may need to know it. */
export interface RuntimeCase {
  readonly name: RegistryName;
  /** Certificates in PEM, to be trusted; empty where the system's CAs vouch, and only a client certificate is installed. */
  readonly bundle: string;
  /** What the runtime is to show to the registry, where it asks its clients for a certificate. */
  readonly client: ClientCertificate | undefined;
  /** Undefined: not found on this host, but asked for by name. */
  readonly found: FoundRuntime | undefined;
  /** All runtimes that this pass writes for. */
  readonly selected: readonly RuntimeId[];
  /** The address that the declaration gives the name. */
  readonly address?: string | undefined;
  /** Users whose own configuration counts: the caller, who called sudo, and the declared ones. */
  readonly accounts: readonly Account[];
}

/** What was seen at the paths that the runtime named, with symbolic links followed, as the runtime itself reads them. */
export interface RuntimeView {
  /** `absent` for what is not there. */
  entry(path: string): Entry;
  /** The file's text (UTF-8), undefined for anything else. */
  text(path: string): string | undefined;
}

/** Everything that one runtime wants for one registry. */
export interface RuntimeWants {
  readonly runtime: RuntimeId;
  /** Files that belong to this registry alone. */
  readonly files: readonly RuntimeFile[];
  /** Files that others write to as well. */
  readonly edits: readonly SharedEdit[];
  /** Where the runtime reads what others write, and the like: told when the plan changes what any runtime trusts. */
  readonly notes: readonly string[];
  /** Findings that do not hinder the enrollment, told every time. */
  readonly warnings: readonly Problem[];
  /** Findings that do: nothing is written. */
  readonly conflicts: readonly Problem[];
  /** What must be done before changed files count, told only when one of them changes: `systemctl restart k3s …`. */
  readonly reload?: string | undefined;
  /** Findings on what only a person can do (lines to add, a restart), told when one of its files changes. */
  readonly advice?: readonly Problem[];
}

/** A file that a runtime wants to find, for one registry. */
export interface RuntimeFile {
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly mode: number;
  /** What it is; trusted certificates unless said. A key is never shown, and never goes into the records. */
  readonly holds?: "client certificate" | "client key";
  /** Of the file and of the directories that have to be made for it; who runs regclient unless said. */
  readonly owner?: Pick<Account, "uid" | "gid">;
}

/** A change inside a file that is not regclient's alone. */
export interface SharedEdit {
  readonly path: string;
  /** For a file that has to be made. */
  readonly mode: number;
  readonly owner?: Pick<Account, "uid" | "gid">;
  /**
   * The text with what this registry needs in it (from an empty text where there is no file), every other line as it was;
   * the same text when all stands there already. What cannot be edited without loss is a Problem with the lines to add.
   */
  put(text: string): Result<string>;
}

/** Wants to begin with: nothing. */
export function wantNothing(runtime: RuntimeId): RuntimeWants {
  return { runtime, files: [], edits: [], notes: [], warnings: [], conflicts: [] };
}
