import type { RegistryClient } from "../registry/client.ts";
import { success, type Result } from "../result.ts";
import { showBytes } from "./size.ts";

/** What takes things out of a registry again; it works also when the verification itself was stopped. */
export type Cleaner = Pick<RegistryClient, "deleteManifest" | "cancelUpload" | "getManifest">;

/** What cleaning up needs to know. */
export interface Cleaning<C = Pick<Cleaner, "deleteManifest">> {
  readonly client: C;
  readonly repository: string;
  /** Bytes. */
  readonly size: number;
  readonly note: (text: string) => void;
}

/** When the bytes of what no manifest names are freed. */
export const UNTIL_COLLECTED = "until the registry collects its garbage";

// below that, nobody cares when the space comes back
const WORTH_TELLING = 1_000_000;

/** Takes a verification's artifact out of the registry again; where that is not allowed, says what stays. */
export async function deletePushed(
  { client, repository, note, size }: Cleaning,
  tag: string,
  digest: string,
): Promise<Result<string>> {
  const gone = await client.deleteManifest(repository, digest);
  if (gone.ok && gone.value !== "unsupported") {
    if (size >= WORTH_TELLING) note(`the ${showBytes(size)} of ${repository}:${tag} take up space ${UNTIL_COLLECTED}`);
    return success("deleted");
  }
  const why = gone.ok ? "the registry allows no deletion" : gone.problem.summary;
  note(
    `${repository}:${tag} (about ${showBytes(size)}) stays in the registry: ${why}; the next verification from this host replaces it`,
  );
  return success(`stays: ${why}`);
}

/**
 * As `deletePushed`, for what another program was told to push: where nobody heard of an end (no `digest`), the registry
 * is asked whether it has it.
 */
export async function deletePushedByOther(
  cleaning: Cleaning<Pick<Cleaner, "deleteManifest" | "getManifest">>,
  tag: string,
  digest: string,
): Promise<Result<string>> {
  const { client, repository, note } = cleaning;
  if (digest !== "") return deletePushed(cleaning, tag, digest);
  const found = await client.getManifest(repository, tag);
  if (found.ok) return deletePushed(cleaning, tag, found.value.digest);
  if (found.problem.code === "RC-PSH-003") return success("nothing was pushed");
  note(`nobody knows whether ${repository}:${tag} stays in the registry: ${found.problem.summary}`);
  return success("not known");
}

/** Gives up an upload that was not finished; what cannot be given up is told. */
export async function giveUpUpload(
  { client, repository, note }: Cleaning<Pick<Cleaner, "cancelUpload">>,
  upload: URL,
): Promise<Result<string>> {
  const gone = await client.cancelUpload(repository, upload);
  if (gone.ok && gone.value !== "unsupported") return success("the unfinished upload was given up");
  const why = gone.ok ? "it does not let one be given up whose body was broken off" : gone.problem.summary;
  note(`an unfinished upload stays in ${repository} until the registry clears it up, mostly after a week: ${why}`);
  return success("an unfinished upload stays");
}
