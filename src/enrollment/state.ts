import * as z from "zod";
import type { CredentialPointer } from "../credentials/vault.ts";
import { problem } from "../findings/problem.ts";
import type { Entry } from "../host/ports.ts";
import { failure, success, type Result } from "../result.ts";
import { originSchema, type Origin } from "./origin.ts";

/** Where regclient keeps what it did. Nothing in these files is secret. */
export const statePaths = {
  root: "/var/lib/regclient",
  shared: "/var/lib/regclient/shared.json",
  decisions: "/var/lib/regclient/decisions.log",
} as const;

const anchorSchema = z.strictObject({
  /** `sha256:` and the hex digits of the DER certificate. */
  fingerprint: z.string(),
  pem: z.string(),
  /** Why it is trusted, since when (ISO 8601), and by whose word. */
  reason: z.enum([
    "fingerprint",
    "ca-file",
    "ca-url",
    "confirmed",
    "first-use",
    "same-key",
    "cross-signed",
    "next-fingerprint",
    "announced",
    "accepted",
  ]),
  evidence: z.string(),
  since: z.string(),
  by: z.string(),
  /** When it was last seen to verify what is served (ISO 8601, exact to a day), and since when it no longer does. */
  lastNeeded: z.string().optional(),
  unneededSince: z.string().optional(),
});
const pendingSchema = z.strictObject({
  /** Of the leaf that was served: `sha256:…`, and `spki:…` of its key. */
  fingerprint: z.string(),
  spki: z.string(),
  subject: z.string(),
  issuer: z.string(),
  notAfter: z.string(),
  firstSeen: z.string(),
  /** PEM, leaf first. */
  chain: z.string(),
});
const rejectedSchema = z.strictObject({ fingerprint: z.string(), since: z.string(), by: z.string() });
const retiredSchema = z.strictObject({ fingerprint: z.string(), spki: z.string(), since: z.string() });
const watchedSourceSchema = z.strictObject({
  kind: z.string(),
  /** URL, or path of a file. */
  location: z.string(),
  /** When it was last read over a connection that is verified (ISO 8601; exact to a day while nothing is to come). */
  read: z.string().optional(),
  /** The machine's uptime then, in milliseconds. */
  uptime: z.number().optional(),
  etag: z.string().optional(),
  lastModified: z.string().optional(),
  /** Fingerprints of what it gave then. */
  gives: z.array(z.string()),
  /** Why it cannot be read since then. */
  failure: z.strictObject({ code: z.string(), reason: z.string(), since: z.string() }).optional(),
});
const announcedSchema = z.strictObject({
  fingerprint: z.string(),
  spki: z.string(),
  subject: z.string(),
  issuer: z.string(),
  notAfter: z.string(),
  pem: z.string(),
  /** Location of the source. */
  source: z.string(),
  firstSeen: z.string(),
  /** Milliseconds of its hold-down that have passed. */
  held: z.number(),
  /** What verified the connection that it came over first; a file has none. */
  verifiedBy: z.string().optional(),
});
const credentialSchema = z.strictObject({
  vault: z.enum(["keychain", "systemd", "sealed"]),
  item: z.string(),
  username: z.string(),
}) satisfies z.ZodType<CredentialPointer>;
const configSchema = z.strictObject({ path: z.string() });
const editSchema = z.strictObject({ path: z.string(), runtime: z.string() });

const registryStateSchema = z.strictObject({
  version: z.literal(1),
  registry: z.string(),
  enrolledAt: z.string(),
  /** Digest of the declaration that was carried out last. */
  carriedOut: z.string().optional(),
  /** Empty: the system's own CAs vouch for the registry. */
  anchors: z.array(anchorSchema),
  /** Served, vouched for by nothing, and waiting for a person's word. */
  pending: z.array(pendingSchema).optional(),
  /** What a person has turned down. */
  rejected: z.array(rejectedSchema).optional(),
  /** Trusted once: does not come back by itself. */
  retired: z.array(retiredSchema).optional(),
  /** Where certificates to come are announced, as far as there was anything to remember. */
  sources: z.array(watchedSourceSchema).optional(),
  /** Announced, and not trusted yet. */
  announced: z.array(announcedSchema).optional(),
  credential: credentialSchema.optional(),
  hostsFile: z.string().optional(),
  dockerConfigs: z.array(configSchema),
  /** Files of runtimes that others write to as well. */
  edits: z.array(editSchema).optional(),
  /** Files that belong to this registry alone. */
  files: z.array(originSchema),
});
// what is read, and removed one day, is not for a damaged record to say
const ownRegistryStateSchema = registryStateSchema.refine(
  ({ registry, credential }) => credential === undefined || isOwnItem(registry, credential),
  { path: ["credential", "item"], error: "it is not where the login of this registry is kept" },
);
const sharedStateSchema = z.strictObject({
  version: z.literal(1),
  /** Files that several registries have lines in. */
  files: z.array(originSchema),
  /** Directories regclient made. */
  directories: z.array(z.string()),
  /** Default stores that regclient wrote down, by the Docker config's path. */
  stores: z.record(z.string(), z.string()).default({}),
});

/** A certificate that is trusted, with the record of why. */
export type Anchor = z.infer<typeof anchorSchema>;
/** A certificate that waits for a person's word. */
export type PendingCertificate = z.infer<typeof pendingSchema>;
/** A certificate that a person has turned down. */
export type RejectedCertificate = z.infer<typeof rejectedSchema>;
/** A trust source, as it was last seen. */
export type WatchedSource = z.infer<typeof watchedSourceSchema>;
/** A certificate that a trust source announces. */
export type AnnouncedCertificate = z.infer<typeof announcedSchema>;
/** What is remembered beside the anchors. */
export type TrustRecord = Pick<RegistryState, "pending" | "rejected" | "retired" | "sources" | "announced">;
/** What is remembered of one registry. */
export type RegistryState = z.infer<typeof registryStateSchema>;
/** What is remembered of files and directories that several registries use. */
export type SharedState = z.infer<typeof sharedStateSchema>;
/** A Docker config that has the credential helper for a registry. */
export type ManagedConfig = z.infer<typeof configSchema>;

/** A file of a runtime that has lines for a registry. */
export type ManagedEdit = z.infer<typeof editSchema>;

/** The state in a file, undefined where there is none; a damaged file is a problem, never taken for none. */
export function readRegistryState(entry: Entry, path: string): Result<RegistryState | undefined> {
  return readJson(entry, path, ownRegistryStateSchema);
}

/** What several registries share; empty where there is no file. */
export function readSharedState(entry: Entry): Result<SharedState> {
  const read = readJson(entry, statePaths.shared, sharedStateSchema);
  return read.ok ? success(read.value ?? { version: 1, files: [], directories: [], stores: {} }) : read;
}

/** The bytes of a state file. */
export function renderState(state: RegistryState | SharedState): Uint8Array {
  return Buffer.from(`${JSON.stringify(state, undefined, 2)}\n`);
}

/** The origin kept for a path. */
export function originOf(origins: readonly Origin[], path: string): Origin | undefined {
  return origins.find((origin) => origin.path === path);
}

/** A file of its own for each registry; items of the keychain are looked at where they are used. */
function isOwnItem(registry: string, { vault, item }: CredentialPointer): boolean {
  return vault === "keychain" || item === `${statePaths.root}/credentials/${registry}.${vault}`;
}

/** The record in a file, undefined where there is none; one that is not as the schema says is RC-CFG-002. */
export function readJson<T>(entry: Entry, path: string, schema: z.ZodType<T>): Result<T | undefined> {
  if (entry.kind === "absent") return success(undefined);
  if (entry.kind !== "file") {
    const reason = entry.kind === "unreadable" ? entry.reason : `it is a ${entry.kind}`;
    return failure(problem("RC-CFG-002", { path, reason }, [path]));
  }
  try {
    const parsed = schema.safeParse(JSON.parse(Buffer.from(entry.bytes).toString("utf8")), { jitless: true });
    if (parsed.success) return success(parsed.data);
    const issue = parsed.error.issues[0];
    return failure(problem("RC-CFG-002", { path, reason: `${issue?.path.join(".")}: ${issue?.message}` }, [path]));
  } catch (error) {
    return failure(problem("RC-CFG-002", { path, reason: (error as Error).message }, [path]));
  }
}
