import { success, type Result } from "../result.ts";
import type { HttpResponse } from "./http.ts";

/** Enough for any error page or ping answer. */
const SMALL = 64 * 1024;

/** Reads the whole body, at most `maxBytes` of it; a longer one is a Problem and the connection is dropped. */
export async function readBody(response: HttpResponse, maxBytes: number): Promise<Result<Uint8Array>> {
  const chunks: Uint8Array[] = [];
  const read = await response.read(maxBytes, (chunk) => void chunks.push(chunk));
  return read.ok ? success(new Uint8Array(Buffer.concat(chunks))) : read;
}

/** Reads what there is of a body that is only evidence, up to 64 KiB; never fails. */
export async function readEvidence(response: HttpResponse): Promise<string> {
  const chunks: Uint8Array[] = [];
  await response.read(SMALL, (chunk) => void chunks.push(chunk));
  return Buffer.concat(chunks).subarray(0, SMALL).toString("utf8");
}

/** Lets go of a body that nobody wants. */
export async function discardBody(response: HttpResponse): Promise<void> {
  await response.read(SMALL, () => undefined);
}

/** The JSON in `bytes`, or undefined. */
export function parseJson(bytes: Uint8Array | string): unknown {
  try {
    return JSON.parse(typeof bytes === "string" ? bytes : new TextDecoder().decode(bytes)) as unknown;
  } catch {
    return undefined;
  }
}
