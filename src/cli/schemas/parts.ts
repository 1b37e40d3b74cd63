import * as z from "zod";

// strict objects, so that a test notices a key that nobody described

/** A moment. */
export const time = z.iso.datetime().describe("ISO 8601, UTC");
/** What names a certificate. */
export const fingerprint = z
  .string()
  .regex(/^sha256:[0-9a-f]{64}$/)
  .describe("SHA-256 of the DER certificate");
/** What names a registry. */
export const registry = z.string().describe("the name that it is enrolled under");
/** Sentences for people. */
export const notes = z.array(z.string()).describe("what somebody has to know, in words");

/** The page of a finding. */
export const documentation = z.string().describe("its page, as docs/findings/RC-TLS-003.md");

/** The stable name of a finding. */
export const code = z
  .string()
  .regex(/^RC-[A-Z]{3}-\d{3}$/)
  .describe("stable: what scripts should go by");

/** A failure that regclient can name. */
export const problem = z
  .strictObject({
    code,
    exit: z.int().min(2).max(8).describe("the exit code that this failure stands for"),
    summary: z.string(),
    cause: z.string(),
    evidence: z.array(z.string()).describe("what was seen: a file and line, an address, a server's answer"),
    fix: z.array(z.string()).describe("commands to paste, or short things to do"),
    documentation,
  })
  .meta({ id: "problem" });

/** One step of what was changed, or would be. */
export const change = z
  .union([
    z.strictObject({
      kind: z.enum(["create-file", "change-file", "remove-file"]),
      path: z.string(),
      purpose: z.string(),
    }),
    z.strictObject({ kind: z.enum(["make-directory", "remove-directory"]), path: z.string() }),
    z.strictObject({ kind: z.enum(["store-secret", "discard-secret"]), item: z.string() }),
  ])
  .meta({ id: "change" });

/** A certificate that is trusted, and why. */
export const anchor = z
  .strictObject({
    fingerprint,
    reason: z.string().describe("fingerprint, ca-file, same-key, accepted, …"),
    evidence: z.string(),
    since: time,
    by: z.string().describe("login name"),
    until: z.union([time, z.literal("unreadable")]).describe("the end of its validity"),
    lastNeeded: time.optional(),
    unneededSince: time.optional(),
  })
  .meta({ id: "anchor" });

/** A certificate that waits for a person's word. */
export const pending = z.strictObject({
  fingerprint,
  spki: z.string().describe("spki: and the SHA-256 of its public key"),
  subject: z.string(),
  issuer: z.string(),
  notAfter: time,
  firstSeen: time,
});

/** A certificate that a person has turned down. */
export const rejected = z.strictObject({ fingerprint, since: time, by: z.string() });

/** A whole document: what a command that came to something prints, or the failure it came to instead. */
export function document<T extends z.core.$ZodLooseShape>(title: string, shape: T) {
  return z
    .union([
      z.strictObject({ exit: z.int().min(0).max(8), ...shape, problems: z.array(problem) }),
      z.strictObject({ exit: z.int().min(2).max(8), problems: z.array(problem).min(1) }).describe("nothing was done"),
      z
        .strictObject({ exit: z.literal(1), bug: z.string(), problems: z.array(problem) })
        .describe("a fault of regclient itself"),
    ])
    .meta({ title });
}
