import { problem, type Problem } from "../findings/problem.ts";
import { CONFIG, criSection, type ContainerdConfig } from "./containerd-config.ts";
import { tomlLines } from "./formats/toml.ts";
import type { RuntimeCase } from "./runtime.ts";

const RESTART = "then: systemctl restart containerd";

/**
 * What only a change of containerd's own configuration and a restart can do: told with the lines to add, and left to a
 * person, as a restart is. Before 2.0 the CRI plugin looks in no directory unless `config_path` names one; 2.x looks in
 * `directory` and Docker's by default, and where it pulls through the transfer service takes the two for one name.
 */
export function containerdAdvice(about: RuntimeCase, config: ContainerdConfig, directory: string): readonly Problem[] {
  if (!config.hasCri) return [];
  const path = config.criPath ?? (isSecond(about, config) ? `${directory}:/etc/docker/certs.d` : undefined);
  if (path?.includes(":") === true && isSecond(about, config)) {
    const reason = `its config_path is ${path}, and pulls through the transfer service take that for one directory`;
    return [advise("RC-RUN-011", about, reason, pathLines(about, config, path.split(":")[0] ?? directory))];
  }
  if (path !== undefined) return [];
  if (!config.usesOldRegistry)
    return [advise("RC-RUN-010", about, "no config_path is set", pathLines(about, config, directory))];
  const lines = about.name.aliases.flatMap((alias) =>
    linesFor([...criSection(config.version ?? 2), "configs", alias, "tls"], "ca_file", `${directory}/${alias}/ca.crt`),
  );
  return [advise("RC-RUN-010", about, "its mirrors or configs are set, so no config_path can be", lines)];
}

/** The schema tells where nobody could be asked. */
function isSecond({ found }: RuntimeCase, { version }: ContainerdConfig): boolean {
  return found?.version === undefined ? version === 3 : Number.parseInt(found.version, 10) >= 2;
}

/** A file that is to be made begins with its version. */
function pathLines(about: RuntimeCase, config: ContainerdConfig, directory: string): readonly string[] {
  const version = config.version ?? (isSecond(about, config) ? 3 : 2);
  const lines = linesFor(criSection(version), "config_path", directory);
  return config.version === undefined ? [`version = ${version}`, ...lines] : lines;
}

function linesFor(table: readonly string[], key: string, value: string): readonly string[] {
  return tomlLines([{ kind: "key", table, key, value }]).filter((line) => line !== "" && !line.startsWith("#"));
}

function advise(
  code: "RC-RUN-010" | "RC-RUN-011",
  { name }: RuntimeCase,
  reason: string,
  lines: readonly string[],
): Problem {
  const made = problem(code, { name: name.key, reason, path: CONFIG }, [`${CONFIG}: ${reason}`]);
  return { ...made, fix: [...made.fix, ...lines, RESTART] };
}
