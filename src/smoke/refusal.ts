import { problem, type Problem } from "../findings/problem.ts";
import { findProject } from "../registry/errors.ts";
import { imageReference } from "../registry/name.ts";
import { isIPv6 } from "../address.ts";
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

/** What programs whose grammar of image names has no IPv6 addresses say of one (distribution/reference before 2.8.2). */
export function explainUnreadable(
  { route }: Pick<Verification, "route">,
  program: string,
  reason: string,
): Problem | undefined {
  const { host, port, authority } = route.name;
  if (!isIPv6(host) || !/invalid reference format/.test(reason)) return undefined;
  return problem("RC-ENG-056", { program, authority, host, port: String(port) }, [reason]);
}

/** What is told of what ended because regclient was to stop. */
export function stopped({ name }: Verification["route"], request: string): Problem {
  return problem("RC-NET-016", { authority: name.authority, request });
}
