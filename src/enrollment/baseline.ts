import { readDockerConfig, withoutHelper } from "../credentials/docker-config.ts";
import { readHostsLines, withoutAlias } from "../hosts/hosts-file.ts";

/** A hosts file without any alias of regclient. */
export function withoutAllAliases(text: string): string {
  const owners = readHostsLines(text).flatMap((line) => line.owner ?? []);
  return owners.reduce(withoutAlias, text);
}

/** A Docker config without any entry of regclient's helper. */
export function withoutAllHelpers(text: string, helper: string): string {
  const config = readDockerConfig(text, "");
  if (!config.ok) return text;
  const names = Object.entries(config.value.credHelpers).filter(([, value]) => value === helper);
  return withoutHelper(
    text,
    names.map(([name]) => name),
    helper,
  );
}
