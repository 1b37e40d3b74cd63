import { readDockerConfig, withoutHelper } from "../credentials/docker-config.ts";
import { readHostsLines, withoutAlias } from "../hosts/hosts-file.ts";

/** Suffix of `docker-credential-…`, as Docker configs name it. */
export const HELPER = "regclient";

/** A hosts file without any alias of regclient. */
export function withoutAllAliases(text: string): string {
  const owners = readHostsLines(text).flatMap((line) => line.owner ?? []);
  // nobody's: takes the block that somebody else emptied
  return [...owners, ""].reduce(withoutAlias, text);
}

/** A Docker config without any entry of regclient's helper. */
export function withoutAllHelpers(text: string): string {
  const config = readDockerConfig(text, "");
  if (!config.ok) return text;
  const names = Object.entries(config.value.credHelpers).filter(([, value]) => value === HELPER);
  return withoutHelper(
    text,
    names.map(([name]) => name),
    HELPER,
  );
}
