import { parseRegistryName, type RegistryName } from "../registry/name.ts";

/** Docker names servers as in image references; older clients put a scheme and a path around that. */
export function parseServer(server: string): RegistryName | undefined {
  const bare = server.replace(/^https?:\/\//i, "").replace(/\/.*$/, "");
  const name = parseRegistryName(bare);
  return name.ok ? name.value : undefined;
}
