import { aliasesFindings } from "./entries/aliases.ts";
import { authenticationFindings } from "./entries/authentication.ts";
import { certificatesFindings } from "./entries/certificates.ts";
import { clientFindings } from "./entries/client.ts";
import { configurationFindings } from "./entries/configuration.ts";
import { credentialsFindings } from "./entries/credentials.ts";
import { engineFindings } from "./entries/engine.ts";
import { hostFindings } from "./entries/host.ts";
import { httpFindings } from "./entries/http.ts";
import { lockFindings } from "./entries/lock.ts";
import { namesFindings } from "./entries/names.ts";
import { networkFindings } from "./entries/network.ts";
import { runtimesFindings } from "./entries/runtimes.ts";
import { transferFindings } from "./entries/transfer.ts";
import { trustFindings } from "./entries/trust.ts";
import type { FindingEntry } from "./finding-entry.ts";

const entries = {
  ...namesFindings,
  ...configurationFindings,
  ...aliasesFindings,
  ...credentialsFindings,
  ...hostFindings,
  ...lockFindings,
  ...networkFindings,
  ...httpFindings,
  ...authenticationFindings,
  ...transferFindings,
  ...engineFindings,
  ...runtimesFindings,
  ...certificatesFindings,
  ...trustFindings,
  ...clientFindings,
};

/** A stable code, as in `RC-TLS-003`. */
export type FindingCode = keyof typeof entries;

/** Every failure regclient can name. */
export const catalogue: Readonly<Record<FindingCode, FindingEntry>> = entries;
