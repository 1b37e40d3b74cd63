import { diagnose } from "../../doctor/diagnose.ts";
import { problemsOf } from "../../doctor/report.ts";
import { listEnrolled } from "../../enrollment/observe.ts";
import { exitCodes } from "../../findings/problem.ts";
import { parseRegistryName, type RegistryName } from "../../registry/name.ts";
import type { Invocation, Outcome } from "../command.ts";
import { diagnosisText } from "../output/diagnosis-text.ts";
import { failed } from "../outcome.ts";
import type { DoctorArguments } from "./doctor.ts";

/** `regclient doctor`: the first failure gives the exit code; warnings alone are none. */
export async function runDoctor(args: DoctorArguments, { pass, paint }: Invocation): Promise<Outcome> {
  const named = args.names.length > 0;
  const names: RegistryName[] = [];
  for (const text of named ? args.names : await listEnrolled(pass.host.files)) {
    const name = parseRegistryName(text);
    if (!name.ok) return failed(name.problem);
    names.push(name.value);
  }
  const diagnosis = await diagnose(pass, { names, named });
  const failures = problemsOf(diagnosis, "failure");
  const exit = failures[0]?.exit ?? exitCodes.ok;
  const json = { ok: failures.length === 0, ...diagnosis };
  return { exit, text: diagnosisText(diagnosis, paint), json, problems: failures };
}
