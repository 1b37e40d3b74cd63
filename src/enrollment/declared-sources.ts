import * as z from "zod";
import type { RegistryName } from "../registry/name.ts";
import type { Declaration } from "./declaration.ts";
import { parseDuration } from "./duration.ts";

// RFC 5011 section 2.4.1 waits 30 days; here the holder of the key has to be noticed, not a whole zone's operators
const HOLD_DOWN = "24h";
const PATHS = {
  "well-known": "/.well-known/regclient/trust.pem",
  harbor: "/api/v2.0/systeminfo/getcert",
  // RFC 7030 section 3.2.2
  est: "/.well-known/est/cacerts",
  "step-ca": "/roots.pem",
} as const;

const holdDown = z
  .string()
  .refine((text) => parseDuration(text) !== undefined, {
    error: "not a length of time of at most ten years (24h, 0s, P1D)",
  })
  .optional();
const url = z
  .url({ protocol: /^https$/, error: "not an https:// URL" })
  .refine((text) => !hasLogin(text), { error: "it has a user name or a password, and no source is given one" });
const mount = z
  .string()
  .regex(/^[\w-][\w.-]*(?:\/[\w-][\w.-]*)*$/, { error: "not the path of a secrets engine (pki, team/pki)" });

/** One entry of `trust.sources`. */
export const sourceSchema = z.discriminatedUnion(
  "kind",
  [
    z.strictObject({ kind: z.literal("well-known"), url: url.optional(), holdDown }),
    z.strictObject({ kind: z.literal("url"), url, holdDown }),
    z.strictObject({
      kind: z.literal("file"),
      path: z.string().startsWith("/", { error: "not an absolute path" }),
      holdDown,
    }),
    z.strictObject({ kind: z.literal("harbor"), url: url.optional(), holdDown }),
    z.strictObject({ kind: z.literal("est"), url, holdDown }),
    z.strictObject({ kind: z.literal("step-ca"), url, holdDown }),
    z.strictObject({ kind: z.literal("vault"), url, mount: mount.optional(), holdDown }),
  ],
  { error: "not a kind of source (well-known, url, file, harbor, est, step-ca, vault)" },
);

/** One entry of `trust.sources`, as it is declared. */
export type DeclaredSource = z.infer<typeof sourceSchema>;

/** A place where certificates to come are announced. */
export interface TrustSource {
  readonly kind: DeclaredSource["kind"];
  /** An https URL, or for `file` a path of this host. */
  readonly location: string;
  /** Milliseconds. */
  readonly holdDownMs: number;
  /** Declared by nobody, and looked at all the same: what it lacks is no failure. */
  readonly isImplicit: boolean;
}

/**
 * The sources of a registry, each place once. Without `trust.sources` it is the registry's own well-known file; an empty
 * list is none. A URL without a path gets that of its kind.
 */
export function listSources({ trust }: Declaration, name: RegistryName): readonly TrustSource[] {
  const declared = trust.sources ?? [{ kind: "well-known" as const }];
  const sources = declared.map((source): TrustSource => {
    const ofKind = source.kind === "file" ? "0s" : HOLD_DOWN;
    return {
      kind: source.kind,
      location: locate(source, name),
      holdDownMs: parseDuration(source.holdDown ?? ofKind) ?? 0,
      isImplicit: trust.sources === undefined,
    };
  });
  return [...new Map(sources.toReversed().map((source) => [source.location, source])).values()].toReversed();
}

/** The files of a host whose change is a reason for a pass: those that a declaration has certificates read from. */
export function watchedPaths({ trust }: Declaration): readonly string[] {
  const sources = (trust.sources ?? []).flatMap((source) => (source.kind === "file" ? [source.path] : []));
  return [...new Set([...(trust.caFile === undefined ? [] : [trust.caFile]), ...sources])];
}

/**
 * The entries for a command line's `--trust-source KIND[=URL]` and `--hold-down`, to be checked by the schema. `none` is
 * the empty list; a hold-down alone is for the entries there are, or for the well-known file.
 */
export function sourcesFromOptions(
  texts: readonly string[] | undefined,
  holdDown: string | undefined,
  existing: readonly DeclaredSource[] | undefined,
): readonly unknown[] | undefined {
  if (texts === undefined && holdDown === undefined) return undefined;
  if (texts?.length === 1 && texts[0] === "none") return [];
  const entries = texts?.map(readOption) ?? existing ?? [{ kind: "well-known" }];
  return entries.map((entry) => (holdDown === undefined ? entry : { ...entry, holdDown }));
}

function readOption(text: string): object {
  const [, kind, location] = /^([^=]*)(?:=(.*))?$/s.exec(text) ?? [];
  if (location === undefined) return { kind };
  return kind === "file" ? { kind, path: location } : { kind, url: location };
}

function locate(source: DeclaredSource, name: RegistryName): string {
  if (source.kind === "file") return source.path;
  const location = new URL(source.url ?? `https://${name.key}/`);
  if (source.kind === "url" || location.pathname !== "/" || location.search !== "") return location.href;
  const path = source.kind === "vault" ? `/v1/${source.mount ?? "pki"}/ca/pem` : PATHS[source.kind];
  return new URL(path, location).href;
}

function hasLogin(text: string): boolean {
  const parsed = URL.parse(text);
  return parsed !== null && (parsed.username !== "" || parsed.password !== "");
}
