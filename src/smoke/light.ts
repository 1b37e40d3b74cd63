import type { RegistryClient } from "../registry/client.ts";
import { success, type Result } from "../result.ts";
import type { Verification } from "./direct.ts";
import type { PlannedCheck } from "./report.ts";

/** What proving the right to write needs of a verification. */
export interface LightVerification extends Pick<Verification, "repository" | "note"> {
  readonly client: Pick<RegistryClient, "openUpload" | "cancelUpload">;
}

/** The right to write, proved with nothing stored: an upload session is opened, and cancelled before a byte is sent. */
export function writeAccessCheck(verification: LightVerification): PlannedCheck {
  return { name: "write access", run: () => openAndCancel(verification) };
}

async function openAndCancel({ client, repository, note }: LightVerification): Promise<Result<string>> {
  const opened = await client.openUpload(repository);
  if (!opened.ok) return opened;
  const cancelled = await client.cancelUpload(repository, opened.value);
  if (cancelled.ok && cancelled.value === "cancelled") return success("upload session opened and cancelled");
  // the right to write is proved all the same, and an empty session is no content: registries purge them by themselves
  const why = cancelled.ok ? "the registry cannot cancel uploads" : cancelled.problem.summary;
  note(`an empty upload session of ${repository} stays until the registry purges it: ${why}`);
  return success("upload session opened, not cancelled");
}
