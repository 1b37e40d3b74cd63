import { problem, type Problem } from "../findings/problem.ts";
import { recognizePrivateKey } from "../trust/private-key.ts";
import type { RuntimeFile } from "../runtimes/runtime.ts";
import type { FileImage } from "../change.ts";
import { draftOwnFile, ownDirectories, runtimePurpose, undraftOwnFile, type Draft } from "./draft.ts";
import { declarationPath } from "./declaration.ts";
import { isAsLeft, type Origin } from "./origin.ts";
import type { EnrollInput } from "./plan.ts";
import { originOf } from "./state.ts";
import { ancestorsOf } from "../change.ts";

/** A file at the place of ours: untouched by us so far, other bytes, and of no use for what is served. */
export function trustConflict(input: EnrollInput): Problem | undefined {
  const system = trustFiles(input).filter((file) => file.owner === undefined);
  return system.map((file) => conflictAt(input, file)).find((each) => each !== undefined);
}

function conflictAt(input: EnrollInput, file: RuntimeFile): Problem | undefined {
  const entry = input.view.entry(file.path);
  const secret = wouldRecord(input, file) ? secretIn(input, file.path, input.view.file(file.path)) : undefined;
  if (secret !== undefined) return secret;
  const isOurs = originOf(input.state?.files ?? [], file.path) !== undefined;
  const isUsers = file.owner !== undefined && entry.kind !== "file";
  if (entry.kind === "absent" || (isOurs && !isUsers)) return undefined;
  if (entry.kind === "file" && (input.replace || isKept(input, file))) return undefined;
  const what = entry.kind === "file" ? "a file that regclient did not write" : `a ${entry.kind}`;
  return problem("RC-TRU-010", { path: file.path, what, name: input.name.key }, [`${file.path} is ${what}`]);
}

/** What a user has made of a place of his own: it must keep nothing else on the host from being put right. */
function userHindrance(input: EnrollInput, file: RuntimeFile): string | undefined {
  if (file.owner === undefined) return undefined;
  const above = ancestorsOf(file.path).find((path) => !["directory", "absent"].includes(input.view.entry(path).kind));
  return above === undefined ? conflictAt(input, file)?.cause : `${above} is no directory`;
}

/** Puts the trusted certificates where each runtime looks, and takes them from where they are no longer wanted. */
export function draftTrust(draft: Draft, input: EnrollInput): readonly Origin[] {
  const origins: Origin[] = [];
  const wanted = trustFiles(input);
  takeBackUnwanted(draft, input, wanted);
  for (const file of wanted) {
    const hindrance = userHindrance(input, file);
    if (hindrance !== undefined) {
      draft.notes.push(`${file.path} is a user's, and is not written: ${hindrance}`);
      origins.push(...[originOf(input.state?.files ?? [], file.path)].filter((each) => each !== undefined));
      continue;
    }
    if (isKept(input, file)) {
      const use = file.holds === undefined ? "already makes the registry trusted" : `is the same ${file.holds}`;
      draft.notes.push(`${file.path} was there before and ${use}; it stays as it is`);
      continue;
    }
    const kept = originOf(input.state?.files ?? [], file.path);
    ownDirectories(draft, file.path, file.owner);
    const image = { bytes: file.bytes, mode: file.mode, ...draft.owner, ...file.owner };
    origins.push(draftOwnFile(draft, file.path, image, runtimePurpose(file.path), kept));
  }
  return origins;
}

/** True when the bytes of a file of somebody else, to be put back one day, would go into the record. */
function wouldRecord(input: EnrollInput, file: RuntimeFile): boolean {
  const current = input.view.file(file.path);
  const kept = originOf(input.state?.files ?? [], file.path);
  if (current === undefined) return false;
  if (kept === undefined) return input.replace && !isKept(input, file);
  return kept.before !== undefined && !isAsLeft(kept, current) && !isAsLeft(kept, { ...current, bytes: file.bytes });
}

/** Everybody can read the records: what not everybody may read must not get there. */
function secretIn(input: EnrollInput, path: string, current: FileImage | undefined): Problem | undefined {
  if (current === undefined) return undefined;
  const facts = { path, name: input.name.key };
  const isKey = /-----BEGIN [A-Z0-9 ]*PRIVATE KEY/.test(Buffer.from(current.bytes).toString("latin1"));
  if (isKey || recognizePrivateKey(current.bytes) !== undefined)
    return problem("RC-TRU-020", facts, [`${path} holds a private key`]);
  const mode = current.mode.toString(8).padStart(4, "0");
  return (current.mode & 0o004) === 0
    ? problem("RC-TRU-021", { ...facts, mode }, [`${path} has mode ${mode}`])
    : undefined;
}

function takeBackUnwanted(draft: Draft, input: EnrollInput, wanted: readonly RuntimeFile[]): void {
  const paths = new Set([declarationPath(input.name.key), ...wanted.map((file) => file.path)]);
  for (const origin of input.state?.files ?? []) {
    if (!paths.has(origin.path)) undraftOwnFile(draft, origin, runtimePurpose(origin.path));
  }
}

function trustFiles(input: EnrollInput): readonly RuntimeFile[] {
  return input.wants.flatMap(({ files }) => files);
}

function isKept(input: EnrollInput, file: RuntimeFile): boolean {
  const current = input.view.file(file.path);
  if (current === undefined || originOf(input.state?.files ?? [], file.path) !== undefined) return false;
  if (Buffer.compare(current.bytes, file.bytes) === 0) return true;
  return file.holds === undefined && !input.replace && input.verifiesServed(current.bytes);
}
