import type { RegistryName } from "../registry/name.ts";

/** A file that a runtime wants to find, for one registry. */
export interface TrustFile {
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly mode: number;
}

/** Where one kind of container runtime looks for trusted certificates. Data only: reading and writing exist once, elsewhere. */
export interface TrustStore {
  readonly id: string;
  /** The files that make the runtime trust exactly `bundle` (PEM) for the registry under each of its names. */
  wants(name: RegistryName, bundle: string): readonly TrustFile[];
}
