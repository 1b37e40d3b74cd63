import type { CredentialPointer } from "../credentials/vault.ts";
import type { PlainLogin } from "../credentials/docker-config.ts";
import type { ConfigTarget } from "../credentials/docker-config-files.ts";
import type { Secret } from "../credentials/secret.ts";
import type { Attributes } from "../host/ports.ts";
import type { RegistryName } from "../registry/name.ts";
import type { RuntimeWants } from "../runtimes/runtime.ts";
import type { Change } from "../change.ts";
import type { Declaration } from "./declaration.ts";
import type { Decision } from "./decisions.ts";
import type { Anchor, RegistryState, SharedState, TrustRecord } from "./state.ts";
import type { HostView } from "./view.ts";

/** What will be changed, and what is worth saying about it. */
export interface Plan {
  readonly changes: readonly Change[];
  readonly notes: readonly string[];
}

/** A credential on its way into a vault. `files` are already encrypted. */
export interface CredentialPlan {
  readonly pointer: CredentialPointer;
  readonly files: readonly { readonly path: string; readonly bytes: Uint8Array }[];
  readonly keychainSecret?: Secret;
  /** A keychain item or sealed file that the new one replaces. */
  readonly replaces?: CredentialPointer;
}

/** Everything that decides what enrolling will change. */
export interface EnrollInput {
  readonly name: RegistryName;
  readonly declaration: Declaration;
  readonly view: HostView;
  readonly state: RegistryState | undefined;
  readonly shared: SharedState;
  readonly owner: Pick<Attributes, "uid" | "gid">;
  /** Empty when the system's CAs vouch for the registry: nothing is installed then. */
  readonly anchors: readonly Anchor[];
  /** What the runtimes of this host want to find; nothing when `anchors` is empty. */
  readonly wants: readonly RuntimeWants[];
  /** What is remembered of trust beside the anchors. */
  readonly trustRecord: TrustRecord;
  /** To be added to the record of decisions. */
  readonly decisions: readonly Decision[];
  readonly credential: CredentialPlan | undefined;
  readonly configs: readonly ConfigTarget[];
  readonly defaultStore: string | undefined;
  /** Hosts file with symbolic links followed. */
  readonly hostsPath: string;
  /** A login that is in the vault now, and the config files that it is to be taken out of. */
  readonly moved: { readonly login: PlainLogin; readonly paths: readonly string[] } | undefined;
  /** A ca.crt of somebody else may be replaced. */
  readonly replace: boolean;
  /** Whether a foreign ca.crt already makes what is served trusted. */
  readonly verifiesServed: (bytes: Uint8Array) => boolean;
  readonly nowIso: string;
}
