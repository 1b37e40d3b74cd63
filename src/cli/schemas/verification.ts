import * as z from "zod";
import { notes, problem, registry, time } from "./parts.ts";

const milliseconds = z.int().min(0);

/** How fast the bytes of `--size` went. */
const transfer = z
  .strictObject({
    bytes: z.int().min(1),
    ms: milliseconds,
    mbPerSecond: z.number().min(0).describe("a million bytes a second"),
  })
  .describe("only with --size: the bytes alone, without what comes before and after them");

const check = z.strictObject({
  name: z.string().describe("name, tls, ping, login, push, pull, clean up; engine, program, image"),
  status: z.enum(["passed", "failed", "skipped"]),
  at: milliseconds.describe("when it began: milliseconds from the beginning of the verification"),
  took: milliseconds,
  detail: z.string().describe("what was found, in a few words"),
  transfer: transfer.optional(),
  problem: problem.optional(),
});

/** How far a verification went. */
export const verificationMode = z.enum(["login", "pull", "light", "push-pull"]);

/** The verification of one registry. */
export const verificationReport = z
  .strictObject({
    registry,
    mode: verificationMode,
    startedAt: time,
    ok: z.boolean(),
    ways: z.array(
      z.strictObject({
        via: z.string().describe("direct, docker, podman, skopeo, buildah, containerd"),
        checks: z.array(check),
      }),
    ),
    notes,
  })
  .meta({ id: "verificationReport" });
