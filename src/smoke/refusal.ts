import { problem, type Problem } from "../findings/problem.ts";
import { findProject } from "../registry/errors.ts";
import { imageReference } from "../registry/name.ts";
import { SMALL_SIZE } from "./artifact.ts";
import type { Verification } from "./direct.ts";

/** What a registry or a proxy before it refuses on its own account, told by another program in words of its own. */
export function explainRefusal(
  { route, repository, size = SMALL_SIZE }: Pick<Verification, "route" | "repository" | "size">,
  action: string,
  reason: string,
  server: string,
): Problem | undefined {
  const { name } = route;
  const facts = {
    name: name.key,
    authority: name.authority,
    action,
    image: imageReference(name, repository),
    repository,
  };
  const project = findProject(reason);
  if (project !== undefined) return problem("RC-PSH-060", { ...facts, project }, [reason]);
  if (!/\b413\b|request entity too large/i.test(reason)) return undefined;
  return problem("RC-PSH-004", { ...facts, size: String(size), server }, [reason]);
}
