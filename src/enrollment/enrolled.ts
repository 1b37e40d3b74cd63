import type { Credential } from "../credentials/vault.ts";
import { readCredential } from "../credentials/vaults.ts";
import { problem } from "../findings/problem.ts";
import type { RegistryName } from "../registry/name.ts";
import { failure, success, type Result } from "../result.ts";
import { listSources, type TrustSource } from "./declared-sources.ts";
import type { Declaration } from "./declaration.ts";
import { readDeclaration } from "./declared.ts";
import { listEnrolled, observeRecords } from "./observe.ts";
import type { Pass } from "./pass.ts";
import type { RegistryState } from "./state.ts";

/** A registry that this host is enrolled with. */
export interface EnrolledRegistry {
  readonly name: RegistryName;
  readonly state: RegistryState;
  /** Undefined when somebody removed its file. */
  readonly declaration: Declaration | undefined;
}

/** The record and declaration of an enrolled registry; not being enrolled is a Problem. */
export async function readEnrolled(pass: Pass, name: RegistryName): Promise<Result<EnrolledRegistry>> {
  const { files } = pass.host;
  const records = await observeRecords(files, name.key);
  if (!records.ok) return records;
  const { state } = records.value;
  if (state === undefined) {
    const enrolled = (await listEnrolled(files)).join(", ") || "none";
    return failure(problem("RC-CFG-004", { name: name.key, enrolled }));
  }
  const declared = await readDeclaration(files, name.key);
  return declared.ok ? success({ name, state, declaration: declared.value }) : declared;
}

/** Where certificates to come are announced; nowhere, without a declaration. */
export function sourcesOf({ declaration, name }: EnrolledRegistry): readonly TrustSource[] {
  return declaration === undefined ? [] : listSources(declaration, name);
}

/** The stored credential, undefined when none is stored. */
export async function readStoredCredential(
  pass: Pass,
  enrolled: EnrolledRegistry,
): Promise<Result<Credential | undefined>> {
  const pointer = enrolled.state.credential;
  if (pointer === undefined) return success(undefined);
  return readCredential(pass, enrolled.name.key, pointer);
}
