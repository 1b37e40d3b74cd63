import { createHash } from "node:crypto";
import * as z from "zod";
import { problem } from "../findings/problem.ts";
import { failure, success, type Result } from "../result.ts";

/** What a host has to know to enroll: everything but the password. Nothing in it is secret; who can change it can lie. */
const tokenSchema = z.strictObject({
  version: z.literal(1),
  registry: z.string().min(1),
  address: z.string().optional(),
  /** As `--fingerprint` takes them. */
  fingerprints: z.array(z.string()).min(1),
  username: z.string().optional(),
  realms: z.array(z.string()).optional(),
  /** ISO 8601; afterwards nobody is to enroll with it. */
  expires: z.iso.datetime().optional(),
});

/** An enrollment token's content. */
export type EnrolmentToken = z.infer<typeof tokenSchema>;

const PREFIX = "regclient1";
const LONGEST = 16 * 1024;
const SUM_DIGITS = 8;

/** The token as one line: a prefix with its version, JSON in base64url (RFC 4648 section 5), and the start of its SHA-256. */
export function renderToken(token: EnrolmentToken): string {
  const body = Buffer.from(JSON.stringify(token)).toString("base64url");
  return `${PREFIX}.${body}.${sumOf(body)}`;
}

/** Reads a token back, white space around it aside. `now` is milliseconds since the epoch. */
export function parseToken(text: string, now: number): Result<EnrolmentToken> {
  const line = text.trim();
  const [prefix, body = "", sum, ...more] = line.split(".");
  if (line.length > LONGEST) return refuse("it is longer than 16 KiB");
  if (prefix !== PREFIX) return refuse(`it does not begin with ${PREFIX}.`);
  if (sum !== sumOf(body) || more.length > 0) return refuse("a part of it is missing or was changed on the way");
  const parsed = tokenSchema.safeParse(readJson(body), { jitless: true });
  if (!parsed.success) return refuse(`${parsed.error.issues[0]?.path.join(".")}: ${parsed.error.issues[0]?.message}`);
  const { expires } = parsed.data;
  if (expires !== undefined && Date.parse(expires) <= now) return refuse(`it could be used until ${expires}`);
  return success(parsed.data);
}

function sumOf(body: string): string {
  return createHash("sha256").update(body).digest("hex").slice(0, SUM_DIGITS);
}

function readJson(body: string): unknown {
  try {
    return JSON.parse(Buffer.from(body, "base64url").toString("utf8"));
  } catch {
    return undefined;
  }
}

function refuse(reason: string): Result<never> {
  return failure(problem("RC-CFG-020", { reason }));
}
