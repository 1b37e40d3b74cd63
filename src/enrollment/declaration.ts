import { createHash } from "node:crypto";
import * as z from "zod";
import { problem } from "../findings/problem.ts";
import { editYaml, newYaml, readYaml, type YamlPath } from "../formats/yaml-document.ts";
import { isIP, isLoopback, isUnspecified } from "../address.ts";
import { parseRegistryName, type RegistryName } from "../registry/name.ts";
import { failure, success, type Result } from "../result.ts";
import { RUNTIME_CHOICES } from "../runtimes/runtime-ids.ts";
import { parseFingerprint } from "../trust/fingerprint.ts";
import { sourceSchema, sourcesFromOptions } from "./declared-sources.ts";
import { parseDuration } from "./duration.ts";

/** Where declarations live; one file a registry, named after it. */
export const DECLARATIONS = "/etc/regclient/registries.d";

const fingerprint = z.string().refine((text) => parseFingerprint(text).ok, {
  error: "not a SHA-256 fingerprint (sha256:<64 hex digits>, or spki:<64 hex digits>)",
});
const repository = z
  .string()
  .regex(/^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*$/, {
    error: "not a repository name (lowercase letters and digits, parts separated by /)",
  });
const address = z
  .string()
  .refine((text) => isIP(text) > 0, { error: "not an IP address" })
  .refine((text) => !isLoopback(text), {
    error: "a loopback address: Docker does not verify certificates of names that point there",
  })
  .refine((text) => !isUnspecified(text), { error: "no address of a registry: it stands for every address of a host" });
const printable = z
  .string()
  .min(1)
  .regex(/^\P{Cc}*$/u, { error: "it has a control character" });
const duration = z.string().refine((text) => parseDuration(text) !== undefined, {
  error: "not a length of time of at most ten years (14d, 36h, P14D)",
});
const absolutePath = z.string().startsWith("/", { error: "not an absolute path" });

/** What a declaration file may say. */
export const declarationSchema = z.strictObject({
  version: z.literal(1),
  registry: z.string(),
  address: address.optional(),
  hosts: z.boolean().default(true),
  trust: z
    .strictObject({
      fingerprints: z.array(fingerprint).default([]),
      nextFingerprints: z.array(fingerprint).default([]),
      grace: duration.default("14d"),
      caFile: absolutePath.optional(),
      clientCertificate: z.strictObject({ certFile: absolutePath, keyFile: absolutePath }).optional(),
      caUrl: z.url({ protocol: /^https$/, error: "not an https:// URL" }).optional(),
      sources: z.array(sourceSchema).optional(),
    })
    .prefault({}),
  credentials: z
    .strictObject({
      username: printable.optional(),
      vault: z.enum(["auto", "keychain", "systemd", "sealed"]).default("auto"),
      realms: z.array(z.string().min(1)).default([]),
      groups: z.array(z.string().min(1)).default(["docker"]),
      users: z.array(z.string().min(1)).default([]),
      dockerConfig: z.boolean().default(true),
    })
    .prefault({}),
  runtimes: z.array(z.enum(RUNTIME_CHOICES)).min(1).default(["auto"]),
  verify: z
    .strictObject({
      mode: z.enum(["login", "pull", "push-pull"]).default("push-pull"),
      repository: repository.default("regclient-smoke"),
    })
    .prefault({}),
});

// making a fast parser takes longer than reading one file
const READ_ONCE = { jitless: true } as const;

/** What a host is to look like for one registry, with every default filled in. */
export type Declaration = z.infer<typeof declarationSchema>;

/** A declaration as it stands in its file. */
export interface DeclaredRegistry {
  readonly name: RegistryName;
  readonly declaration: Declaration;
}

/** What a command line says about a registry; undefined leaves what is declared already. */
export interface DeclarationOverrides {
  readonly address?: string | undefined;
  readonly hosts?: boolean | undefined;
  readonly fingerprints?: readonly string[] | undefined;
  /** `KIND` or `KIND=URL`. */
  readonly trustSources?: readonly string[] | undefined;
  readonly holdDown?: string | undefined;
  readonly clientCertificate?: { readonly certFile: string; readonly keyFile: string } | undefined;
  readonly username?: string | undefined;
  readonly vault?: string | undefined;
  readonly realms?: readonly string[] | undefined;
  readonly users?: readonly string[] | undefined;
  readonly dockerConfig?: boolean | undefined;
  readonly runtimes?: readonly string[] | undefined;
  readonly mode?: string | undefined;
  readonly repository?: string | undefined;
}

const OPTION_OF: Readonly<Record<string, string>> = {
  address: "--address",
  "trust.fingerprints": "--fingerprint",
  "trust.sources": "--trust-source",
  "trust.sources.holdDown": "--hold-down",
  "trust.clientCertificate.certFile": "--client-cert",
  "trust.clientCertificate.keyFile": "--client-key",
  "credentials.username": "--username",
  "credentials.vault": "--vault",
  "credentials.realms": "--realm",
  "credentials.users": "--user",
  runtimes: "--runtime",
  "verify.mode": "--mode",
  "verify.repository": "--repository",
};

/**
 * The declaration with what the command line of `command` says put in. A value that cannot be is a Problem that names its
 * option.
 */
export function overrideDeclaration(
  name: RegistryName,
  existing: Declaration | undefined,
  overrides: DeclarationOverrides,
  command = "enroll",
): Result<Declaration> {
  const { fingerprints, username, vault, realms, users, dockerConfig, mode, repository } = overrides;
  const { address, hosts, runtimes, clientCertificate } = overrides;
  const sources = sourcesFromOptions(overrides.trustSources, overrides.holdDown, existing?.trust.sources);
  const parsed = declarationSchema.safeParse(
    {
      ...existing,
      version: 1,
      registry: name.key,
      ...defined({ address, hosts, runtimes }),
      trust: { ...existing?.trust, ...defined({ fingerprints, clientCertificate, sources }) },
      credentials: { ...existing?.credentials, ...defined({ username, vault, realms, users, dockerConfig }) },
      verify: { ...existing?.verify, ...defined({ mode, repository }) },
    },
    READ_ONCE,
  );
  if (parsed.success) return success(parsed.data);
  const issue = parsed.error.issues[0];
  const key = (issue?.path ?? []).filter((part) => typeof part === "string").join(".");
  const option = OPTION_OF[key] ?? OPTION_OF[key.replace(/\.\w+$/, "")] ?? key;
  return failure(problem("RC-CFG-005", { option, reason: issue?.message ?? "not valid", command }));
}

function defined(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

/** Path of the declaration of the registry with this key. */
export function declarationPath(key: string): string {
  return `${DECLARATIONS}/${key}.yaml`;
}

/** The same for two declarations that say the same, however their files are written. */
export function digestDeclaration(declaration: Declaration): string {
  const said = leaves(declaration).map(([path, value]) => JSON.stringify([path, value]));
  return `sha256:${createHash("sha256").update(said.sort().join("\n")).digest("hex")}`;
}

/** Reads a declaration file. Errors name the file, the line and the key. */
export function parseDeclaration(text: string, path: string): Result<DeclaredRegistry> {
  const read = readYaml(text);
  if ("wrong" in read) return refuse(path, read.line, "", read.wrong);
  const parsed = declarationSchema.safeParse(read.data, READ_ONCE);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const key = issue === undefined ? [] : keyOf(issue);
    return refuse(path, read.lineOf(key), key.join("."), issue?.message ?? "not valid");
  }
  const name = parseRegistryName(parsed.data.registry);
  if (!name.ok) return refuse(path, read.lineOf(["registry"]), "registry", name.problem.cause);
  if (path !== declarationPath(name.value.key)) {
    const reason = `this registry is declared in ${declarationPath(name.value.key)}, and nowhere else`;
    return refuse(path, read.lineOf(["registry"]), "registry", reason);
  }
  return success({ name: name.value, declaration: parsed.data });
}

/**
 * The text of a declaration. Given the text it replaces, only the keys that differ change: comments and order stay.
 * Values that are the default are not written unless they stand there already.
 */
export function renderDeclaration(declaration: Declaration, previous: string | undefined): string {
  const defaults = declarationSchema.parse({ version: 1, registry: declaration.registry }, READ_ONCE);
  // it could be read a moment ago, so somebody is writing it just now: theirs, until it is read the next time
  if (previous !== undefined && !isMapping(previous)) return previous;
  const { registry } = declaration;
  const document =
    previous === undefined ? newYaml({ version: 1, registry }, commentFor(registry)) : editYaml(previous);
  let isSame = previous !== undefined;
  for (const [path, value] of leaves(declaration)) {
    const standsThere = document.has(path);
    if (!standsThere && sameValue(value, leafOf(defaults, path))) continue;
    if (standsThere && sameValue(value, document.get(path))) continue;
    document.set(path, value);
    isSame = false;
  }
  for (const [path] of leaves(document.plain() as Record<string, unknown>)) {
    if (leafOf(declaration, path) !== undefined) continue;
    document.remove(path);
    isSame = false;
  }
  return isSame && previous !== undefined ? previous : document.render();
}

function isMapping(text: string): boolean {
  const read = readYaml(text);
  return "data" in read && typeof read.data === "object" && read.data !== null && !Array.isArray(read.data);
}

function commentFor(registry: string): string {
  return (
    ` What this host should look like for the registry ${registry}.\n` +
    " Written by regclient enroll, yours to edit; regclient reconcile carries it out."
  );
}

function leaves(value: object, prefix: YamlPath = []): readonly (readonly [YamlPath, unknown])[] {
  return Object.entries(value).flatMap(([key, inner]: [string, unknown]) => {
    const path = [...prefix, key];
    if (inner === undefined) return [];
    const isBranch = typeof inner === "object" && inner !== null && !Array.isArray(inner);
    return isBranch ? leaves(inner, path) : [[path, inner] as const];
  });
}

function leafOf(value: unknown, path: YamlPath): unknown {
  return path.reduce<unknown>((inner, key) => (inner as Record<string, unknown> | undefined)?.[key], value);
}

function sameValue(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** The key that an issue is about; of keys that nobody knows, the first. */
export function keyOf(issue: z.core.$ZodIssue): readonly string[] {
  const path = issue.path.map(String);
  return issue.code === "unrecognized_keys" ? [...path, ...issue.keys.slice(0, 1)] : path;
}

function refuse(path: string, line: number, key: string, reason: string): Result<DeclaredRegistry> {
  const where = key === "" ? `${path}:${line}` : `${path}:${line}: ${key}`;
  return failure(problem("RC-CFG-001", { where, reason }, [where]));
}
