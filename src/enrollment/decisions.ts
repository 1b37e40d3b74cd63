import * as z from "zod";
import type { ReadFiles } from "../host/ports.ts";
import { statePaths } from "./state.ts";

const decisionSchema = z.object({
  /** ISO 8601. */
  when: z.string(),
  /** Login name of whoever ran regclient. */
  who: z.string(),
  registry: z.string(),
  what: z.enum([
    "trusted",
    "followed",
    "accepted",
    "announced",
    "withdrawn",
    "pending",
    "rejected",
    "retired",
    "replaced",
  ]),
  /** `sha256:…` of the certificate it is about. */
  fingerprint: z.string(),
  reason: z.string(),
  evidence: z.string(),
});

/** One decision on trust, as it is kept. Nothing in it is secret. */
export type Decision = z.infer<typeof decisionSchema>;

/** The line that keeps a decision. */
export function renderDecision({ when, who, registry, what, fingerprint, reason, evidence }: Decision): string {
  return `${JSON.stringify({ when, who, registry, what, fingerprint, reason, evidence })}\n`;
}

/** The last `count` decisions on a registry, oldest first. Lines that are none are passed over. */
export async function readDecisions(files: ReadFiles, registry: string, count: number): Promise<readonly Decision[]> {
  const entry = await files.readEntry(statePaths.decisions);
  if (entry.kind !== "file") return [];
  const lines = Buffer.from(entry.bytes).toString("utf8").split("\n");
  const all = lines.flatMap((line) => readLine(line)).filter((each) => each.registry === registry);
  return all.slice(-count);
}

function readLine(line: string): readonly Decision[] {
  try {
    const parsed = decisionSchema.safeParse(JSON.parse(line));
    return parsed.success ? [parsed.data] : [];
  } catch {
    return [];
  }
}
