import type { RegistryName } from "../registry/name.ts";
import type { EnrollRequest } from "./pass.ts";

/** A pass over what is declared, with nothing said beside it and nobody to ask. */
export function unattended(name: RegistryName, lockTimeoutSeconds: number): EnrollRequest {
  return {
    name,
    overrides: {},
    supplied: undefined,
    caUrl: undefined,
    password: undefined,
    migrate: false,
    mustBeDeclared: true,
    replace: false,
    firstUse: false,
    dryRun: false,
    requireLogin: false,
    lockTimeoutMs: lockTimeoutSeconds * 1000,
    confirm: undefined,
    confirmMigration: undefined,
    askPassword: undefined,
  };
}
