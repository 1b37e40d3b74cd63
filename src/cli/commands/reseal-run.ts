import { reseal } from "../../enrollment/reseal.ts";
import { exitCodes } from "../../findings/problem.ts";
import type { Invocation, Outcome } from "../command.ts";
import { failed } from "../outcome.ts";
import type { ResealArguments } from "./reseal.ts";

/** `regclient reseal`. */
export async function runReseal(args: ResealArguments, { pass }: Invocation): Promise<Outcome> {
  const done = await reseal(pass, args.lockTimeout * 1000);
  if (!done.ok) return failed(done.problem);
  const names = done.value;
  const text = names.length === 0 ? "no login is sealed on this host\n" : `sealed anew: ${names.join(", ")}\n`;
  return { exit: exitCodes.ok, text, json: { resealed: names } };
}
