import { exitCodes, problem } from "../../findings/problem.ts";
import type { Invocation, Outcome } from "../command.ts";
import { completionScript, SHELLS } from "../completion/scripts.ts";
import { failed } from "../outcome.ts";
import type { CompletionArguments } from "./completion.ts";

/** `regclient completion`: prints the script for the shell that is named, or that the caller uses. */
export async function runCompletion({ shell }: CompletionArguments, { pass }: Invocation): Promise<Outcome> {
  const used = pass.host.caller.environment["SHELL"]?.split("/").at(-1);
  const chosen = shell ?? SHELLS.find((each) => each === used);
  if (chosen === undefined) {
    const mistake = `no shell is named: regclient completion ${SHELLS.join("|")}`;
    return failed(problem("RC-CFG-007", { mistake, command: "regclient completion" }));
  }
  const script = completionScript(chosen);
  return { exit: exitCodes.ok, text: script, json: { shell: chosen, script } };
}
