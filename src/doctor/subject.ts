import { readDeclaration } from "../enrollment/declared.ts";
import type { Declaration } from "../enrollment/declaration.ts";
import { readEnrolled, readStoredCredential, type EnrolledRegistry } from "../enrollment/enrolled.ts";
import { listEnrolled } from "../enrollment/observe.ts";
import type { Pass } from "../enrollment/pass.ts";
import type { Credential } from "../credentials/vault.ts";
import type { Problem } from "../findings/problem.ts";
import type { Route } from "../registry/connection.ts";
import type { RegistryName } from "../registry/name.ts";
import { failure, success, type Result } from "../result.ts";

/** A registry as it is looked at: enrolled, or only named. */
export interface Subject {
  readonly pass: Pass;
  readonly name: RegistryName;
  readonly route: Route;
  readonly enrolled: EnrolledRegistry | undefined;
  readonly declaration: Declaration | undefined;
  /** What keeps the records from being read. */
  readonly broken: Problem | undefined;
}

/** What is on record of a registry. Never fails: what cannot be read is part of what is found. */
export async function describeSubject(pass: Pass, name: RegistryName): Promise<Subject> {
  const { files } = pass.host;
  const isEnrolled = (await listEnrolled(files)).includes(name.key);
  const enrolled = isEnrolled ? await readEnrolled(pass, name) : undefined;
  const declared = enrolled === undefined ? await readDeclaration(files, name.key) : undefined;
  const broken = [enrolled, declared].flatMap((each) => (each?.ok === false ? [each.problem] : []))[0];
  const record = enrolled?.ok === true ? enrolled.value : undefined;
  const declaration = record?.declaration ?? (declared?.ok === true ? declared.value : undefined);
  // an alias that was to be written must be there: only without one is the declared address taken as it is
  const address = declaration?.hosts === false || record === undefined ? declaration?.address : undefined;
  return { pass, name, route: { name, address }, enrolled: record, declaration, broken };
}

/** The stored login; undefined where there is none, or where only root can read it. */
export async function openLogin({ pass, enrolled }: Subject): Promise<Result<Credential | "none" | "not ours">> {
  const pointer = enrolled?.state.credential;
  if (enrolled === undefined || pointer === undefined) return success("none");
  const isForRoot = pointer.vault !== "keychain" && pass.host.caller.uid !== 0 && pass.host.files.root === "/";
  if (isForRoot) return success("not ours");
  const read = await readStoredCredential(pass, enrolled);
  if (!read.ok) return failure(read.problem);
  return success(read.value ?? "none");
}
