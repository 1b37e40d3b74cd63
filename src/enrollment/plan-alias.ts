import { problem, type Problem } from "../findings/problem.ts";
import { foreignLines, withAlias, type HostsLine } from "../hosts/hosts-file.ts";
import { isLoopback } from "../address.ts";
import { withoutAllAliases } from "./baseline.ts";
import { draftSharedFile, type Draft } from "./draft.ts";
import type { EnrollInput } from "./plan.ts";
import { takeBackAlias } from "./take-back.ts";

/** Whether the registry is to have a line in the hosts file. */
export function wantsAlias(input: EnrollInput): boolean {
  return input.declaration.hosts && input.declaration.address !== undefined && !input.name.isAddress;
}

function hostsText(input: EnrollInput): string {
  return Buffer.from(input.view.file(input.hostsPath)?.bytes ?? []).toString("latin1");
}

/** A line of somebody else that gives the name another address, or one that switches verification off. */
export function aliasConflict(input: EnrollInput): Problem | undefined {
  const lines = foreignLines(hostsText(input), input.name.host);
  const loopback = lines.find((line) => isLoopback(line.address));
  const where = (line: HostsLine): string => `${input.hostsPath}:${line.line}: ${line.address} ${line.names.join(" ")}`;
  const facts = { name: input.name.host, address: input.declaration.address ?? "" };
  if (loopback !== undefined) return problem("RC-ALI-002", { ...facts, where: where(loopback) }, [where(loopback)]);
  if (!wantsAlias(input)) return undefined;
  const other = lines.find((line) => line.address !== input.declaration.address);
  return other && problem("RC-ALI-001", { ...facts, where: where(other) }, [where(other)]);
}

/** Writes the alias, or takes it back where it is no longer wanted; gives the file that holds it. */
export function draftAlias(draft: Draft, input: EnrollInput): string | undefined {
  const text = hostsText(input);
  const { address } = input.declaration;
  const isGiven = wantsAlias(input) && foreignLines(text, input.name.host).length > 0;
  if (isGiven) draft.notes.push(`${input.hostsPath} already gives ${input.name.host} the address ${address}`);
  if (isGiven || !wantsAlias(input) || address === undefined) {
    if (input.state?.hostsFile !== undefined) takeBackAlias(draft, input.name, input.state.hostsFile);
    return undefined;
  }
  const current = input.view.file(input.hostsPath);
  const after = withAlias(text, { owner: input.name.key, host: input.name.host, address });
  const image = { ...(current ?? { mode: 0o644, ...draft.owner }), bytes: Buffer.from(after, "latin1") };
  const baseline = () => Buffer.from(withoutAllAliases(text), "latin1");
  draftSharedFile(draft, input.hostsPath, image, "alias", baseline);
  return input.hostsPath;
}
