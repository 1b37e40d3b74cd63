import { enroll } from "../../enrollment/enroll.ts";
import { readEnrolled } from "../../enrollment/enrolled.ts";
import { exitCodes, problem } from "../../findings/problem.ts";
import { parseRegistryName } from "../../registry/name.ts";
import { success } from "../../result.ts";
import { askPassword } from "../ask.ts";
import type { Invocation, Outcome } from "../command.ts";
import { readPasswordInput } from "../input.ts";
import { failed } from "../outcome.ts";
import { hasEffect, planJson } from "../output/changes.ts";
import type { LoginArguments } from "./login.ts";
import { unattended } from "../../enrollment/unattended.ts";

/** `regclient login`: a login that the registry refuses leaves the stored one as it is. */
export async function runLogin(args: LoginArguments, { pass, paint }: Invocation): Promise<Outcome> {
  const name = parseRegistryName(args.name);
  if (!name.ok) return failed(name.problem);
  const enrolled = await readEnrolled(pass, name.value);
  if (!enrolled.ok) return failed(enrolled.problem);
  const username = args.username ?? enrolled.value.state.credential?.username;
  if (username === undefined) {
    const reason = "none is stored, and none was given";
    return failed(problem("RC-CFG-005", { option: "--username", reason, command: "login" }));
  }
  const { terminal } = pass.host;
  const typed = terminal.interactive ? success(await askPassword(terminal, username, name.value)) : success(undefined);
  const password = args.passwordStdin ? await readPasswordInput(terminal) : typed;
  if (!password.ok) return failed(password.problem);
  if (password.value === undefined) return failed(problem("RC-CRD-005", { username }));
  const request = {
    ...unattended(name.value, args.lockTimeout),
    overrides: { username, vault: args.vault },
    password: password.value,
    requireLogin: true,
  };
  const done = await enroll(pass, request);
  if (!done.ok) return failed(done.problem);
  const { changes } = done.value.plan;
  const what = !hasEffect(changes) ? "is the stored login already" : "is the stored login now";
  const text = `${paint.bold(name.value.key)}: ${username} ${what}\n`;
  return {
    exit: exitCodes.ok,
    text,
    json: { registry: name.value.key, username, changed: hasEffect(changes), changes: planJson(changes) },
  };
}
