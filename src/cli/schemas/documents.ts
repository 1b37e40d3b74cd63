import * as z from "zod";
import { diagnosis, explained, guesses, listed } from "./diagnosis.ts";
import { anchor, change, document, fingerprint, notes, pending, problem, registry, rejected, time } from "./parts.ts";
import { verificationMode, verificationReport } from "./verification.ts";

const changes = z.array(change);
const changed = z.boolean().describe("false where only regclient's own records were brought up to date");
const dryRun = z.boolean();
const pin = z.string().regex(/^(?:sha256|spki):[0-9a-f]{64}$/);
const newAnchor = anchor.pick({ fingerprint: true, reason: true, evidence: true, since: true, by: true });
const source = z.strictObject({
  kind: z.string(),
  location: z.string(),
  holdDown: z.number().describe("seconds"),
  read: time.optional().describe("when it was last read"),
  gives: z.array(z.string()),
  failure: z.strictObject({ code: z.string(), reason: z.string(), since: time }).optional(),
});
const announced = pending.omit({ firstSeen: true }).extend({
  source: z.string(),
  firstSeen: time,
  left: z.int().min(0).describe("seconds of its hold-down that had not passed when the source was last read"),
  trustedFrom: time,
  verifiedBy: z.string().optional(),
});
const trust = {
  anchors: z.array(anchor).describe("empty: the system's own CAs vouch for the registry"),
  pending: z.array(pending),
  rejected: z.array(rejected),
  sources: z.array(source).describe("where it is declared to look for what is to come"),
  announced: z.array(announced),
};
const decision = z.strictObject({
  when: time,
  who: z.string(),
  registry,
  what: z.string().describe("trusted, followed, accepted, pending, rejected, retired or replaced"),
  fingerprint,
  reason: z.string(),
  evidence: z.string(),
});
const status = z.strictObject({
  registry,
  reference: z.string().describe("what image names begin with"),
  enrolledAt: time,
  ...trust,
  login: z
    .strictObject({
      username: z.string(),
      vault: z.enum(["keychain", "systemd", "sealed"]),
      state: z.enum(["stored", "missing", "unreadable"]),
    })
    .optional(),
  clientCertificate: z
    .strictObject({ certFile: z.string(), subject: z.string().optional(), notAfter: time.optional() })
    .optional(),
  runtimes: z.array(
    z.strictObject({
      id: z.string(),
      title: z.string(),
      sign: z.string().optional().describe("what shows that it is on the host"),
      version: z.string().optional(),
      reads: z.array(z.string()).describe("the files that it reads for this registry"),
    }),
  ),
  files: z.array(
    z.strictObject({ path: z.string(), state: z.enum(["as written", "changed", "missing", "unreadable"]) }),
  ),
  verification: z
    .strictObject({
      at: time,
      ok: z.boolean(),
      mode: verificationMode,
      code: z.string().optional(),
      tookMs: z.number(),
    })
    .optional()
    .describe("the last one that --record kept"),
});
const takenBack = { registry, dryRun, changes, notes };

/**
 * What each command prints with `--output json`, by its name in docs/schemas. No command loads this: the files there are
 * made of it (scripts/schemas), and the tests hold to it whatever they make a command print.
 */
export const documents: Readonly<Record<string, z.ZodType>> = {
  problem: z.strictObject(problem.shape).meta({ title: "a failure that regclient can name" }),
  enroll: z
    .union([
      document("regclient enroll", {
        registry,
        reference: z.string().describe("what image names begin with"),
        changed,
        changes,
        anchors: z.array(newAnchor),
        notes,
        verification: verificationReport.optional(),
      }),
      document("regclient enroll --dry-run", { registry, dryRun: z.literal(true), changes, notes }),
    ])
    .meta({ title: "regclient enroll" }),
  verify: document("regclient verify", {
    ok: z.boolean(),
    reports: z.array(verificationReport).describe("one that could not be asked at all has a problem, and no report"),
  }),
  status: document("regclient status", { registries: z.array(status), declaredOnly: z.array(z.string()) }),
  reconcile: document("regclient reconcile", {
    registries: z.array(
      z.union([
        z.strictObject({ registry, changed, changes, notes }),
        z.strictObject({ registry: z.string(), problem }),
      ]),
    ),
  }),
  doctor: document("regclient doctor", diagnosis),
  explain: z
    .union([
      document("regclient explain CODE", explained),
      document("regclient explain", listed),
      document("regclient explain -", guesses),
    ])
    .meta({ title: "regclient explain" }),
  login: document("regclient login", { registry, username: z.string(), changed, changes }),
  logout: document("regclient logout", takenBack),
  reseal: document("regclient reseal", { resealed: z.array(registry) }),
  "trust-show": document("regclient trust show", { registry, ...trust, decisions: z.array(decision) }),
  "trust-accept": document("regclient trust accept", { registry, accepted: pin, changed, changes, notes }),
  "trust-reject": document("regclient trust reject", { registry, rejected: pin, changed, changes, notes }),
  "token-create": document("regclient token create", {
    registry,
    token: z.string().describe("the line that hosts enroll with"),
    content: z.strictObject({
      version: z.literal(1),
      registry,
      address: z.string().optional(),
      fingerprints: z.array(z.string()),
      username: z.string().optional(),
      realms: z.array(z.string()).optional(),
      expires: time.optional(),
    }),
    origin: z.string().describe("where the fingerprints are from"),
  }),
  unenroll: document("regclient unenroll", takenBack),
};
