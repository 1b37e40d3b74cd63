import type { Secret } from "../credentials/secret.ts";
import type { SecretStore } from "../credentials/secret-store.ts";
import type { Host } from "../host/ports.ts";
import type { Recovery } from "../apply/transaction.ts";
import type { RegistryName } from "../registry/name.ts";
import type { Certificate } from "../trust/certificate.ts";
import type { Pin } from "../trust/fingerprint.ts";
import type { SuppliedCertificates } from "../trust/first-contact.ts";
import type { DeclarationOverrides } from "./declaration.ts";

/** What one pass works with: the machine, the keychain, and whoever watches. */
export interface Pass {
  readonly host: Host;
  readonly keychain: SecretStore;
  readonly watch: Watcher;
}

/** Told what happens while it happens. */
export interface Watcher {
  /** Something that takes time begins: `reading the certificate of devregistry:443`. */
  begin(step: string): void;
  /** Worth knowing, and no failure. */
  note(text: string): void;
  waiting(heldBy: string): void;
  recovered(recovery: Recovery): void;
}

/** What the user asked `enroll` for. */
export interface EnrollRequest {
  readonly name: RegistryName;
  readonly overrides: DeclarationOverrides;
  /** Certificates the user named, for this one decision. */
  readonly supplied: SuppliedCertificates | undefined;
  readonly caUrl: string | undefined;
  readonly password: Secret | undefined;
  /** A password that stands in clear in a Docker config is moved into the vault. */
  readonly migrate: boolean;
  readonly replace: boolean;
  readonly firstUse: boolean;
  /** A person's word for the certificate of an enrolled registry that waits for one. */
  readonly accept?: Pin;
  readonly dryRun: boolean;
  /** Only what a file declares is carried out: another run may have taken the declaration away just now. */
  readonly mustBeDeclared?: boolean;
  /** Login must be proved before anything is changed. */
  readonly requireLogin: boolean;
  /** A stored login that is in its place, of the declared user, is neither opened nor tried. */
  readonly leaveLogin?: boolean;
  readonly lockTimeoutMs: number;
  /** Asks a person whether a password in clear is to be moved into the vault. */
  readonly confirmMigration: ((path: string, username: string) => Promise<boolean>) | undefined;
  /** Both ask a person: for a password, and to compare a fingerprint. Undefined: nobody can be asked. */
  readonly askPassword: ((username: string) => Promise<Secret | undefined>) | undefined;
  readonly confirm: ((candidates: readonly Certificate[]) => Promise<Certificate | undefined>) | undefined;
}
