import * as z from "zod";
import { code, documentation, problem, registry } from "./parts.ts";

const layer = z.string().describe("what it belongs to: configuration, name, tls, login, read, write, …");

const seen = { layer, name: z.string(), detail: z.string() };
const check = z
  .union([
    z.strictObject({ status: z.enum(["ok", "skipped"]), ...seen }),
    z.strictObject({ status: z.enum(["warning", "failure"]), ...seen, problem }),
  ])
  .meta({ id: "doctorCheck" });

/** What `doctor` tells. */
export const diagnosis = {
  ok: z.boolean().describe("true: no failures; there may be warnings"),
  host: z.array(check),
  registries: z.array(
    z.strictObject({
      registry,
      enrolled: z.boolean(),
      reference: z.string().describe("what image names begin with"),
      checks: z.array(check),
    }),
  ),
};

const finding = { code, layer, summary: z.string(), documentation };

/** What `explain CODE` tells; words in capitals stand for what differs from case to case. */
export const explained = {
  ...finding,
  meansExit: z.int().min(2).max(8),
  cause: z.string(),
  evidence: z.string(),
  fix: z.array(z.string()),
  references: z.array(z.string()),
};

/** What `explain` without a code lists. */
export const listed = { findings: z.array(z.strictObject(finding)) };

/** What `explain -` makes of the messages of other programs. */
export const guesses = {
  lines: z.int().min(0).describe("lines that were read"),
  guesses: z.array(
    z.strictObject({
      code,
      summary: z.string(),
      likelihood: z.enum(["sure", "likely", "possible"]),
      seen: z.array(z.string()).describe("the lines that say so, without secrets; at most three"),
      confirm: z.string().describe("a command that shows whether it is so"),
      documentation,
    }),
  ),
};
