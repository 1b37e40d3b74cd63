import { problem } from "../findings/problem.ts";
import type { Credential } from "../credentials/vault.ts";
import type { Host } from "../host/ports.ts";
import type { RegistryClient } from "../registry/client.ts";
import { contactRegistry, resolveRoute, type Route } from "../registry/connection.ts";
import type { VerifiedConnection } from "../registry/http.ts";
import { uploadEmptyBlob } from "../registry/empty-blob.ts";
import { failure, success, type Result } from "../result.ts";
import type { Certificate } from "../trust/certificate.ts";
import { judgeChain } from "../trust/chain.ts";
import type { Cleaner } from "./clean-up.ts";
import { proveReading } from "./read-only.ts";
import { runChecks, type Check, type Mode, type PlannedCheck } from "./report.ts";
import { planTransfer } from "./transfer.ts";

/** What a verification is run with, whatever the way. */
export interface Verification {
  readonly host: Host;
  readonly route: Route;
  /** What Docker trusts for this registry on this host. */
  readonly roots: readonly Certificate[];
  readonly client: RegistryClient;
  /** Has `client` use a connection that is there already. */
  readonly adopt: (connection: VerifiedConnection) => void;
  /** Works for a short while after the verification was stopped, too. */
  readonly cleaner: Cleaner;
  readonly credential: Credential | undefined;
  /** This very login was proved a moment ago: it is not asked for again, as a registry may spend a bcrypt on each. */
  readonly loginProved: boolean;
  readonly mode: Mode;
  readonly repository: string;
  /** Bytes to push and pull, and to measure; undefined: just enough to prove it. */
  readonly size?: number | undefined;
  readonly begin: (check: string) => void;
  readonly note: (text: string) => void;
}

/** Is the registry there, trusted, and does it know us? Speaks the Distribution API itself, trusting what Docker trusts. */
export async function verifyReach(verification: Verification): Promise<readonly Check[]> {
  return runChecks(verification.host.clock, reachChecks(verification), verification.begin);
}

/** Pushes, pulls and cleans up, after the checks of `verifyReach`; gives them all. */
export async function verifyTransfer(verification: Verification, reach: readonly Check[]): Promise<readonly Check[]> {
  return runChecks(verification.host.clock, transferChecks(verification), verification.begin, reach);
}

function reachChecks(verification: Verification): readonly PlannedCheck[] {
  const { host, route, client, credential } = verification;
  const name: PlannedCheck = {
    name: "name",
    run: async () => {
      const found = await resolveRoute(host, route, route.name.host);
      return found.ok ? success(`${route.name.host} is ${found.value.join(", ")}`) : found;
    },
  };
  const tls: PlannedCheck = { name: "tls", run: () => checkTls(verification) };
  const ping: PlannedCheck = {
    name: "ping",
    run: async () => {
      const found = await client.ping();
      return found.ok ? success(found.value.kind === "open" ? "open to all" : "asks for a login") : found;
    },
  };
  const login: PlannedCheck = {
    name: "login",
    run: async () =>
      verification.loginProved
        ? success(`as ${credential?.username}, before anything was changed`)
        : checkLogin(client, route, credential),
  };
  return [name, tls, ping, login];
}

async function checkTls({ host, route, roots, adopt }: Verification): Promise<Result<string>> {
  const contact = await contactRegistry(host, route, roots);
  if (!contact.ok) return contact;
  const { served, connection } = contact.value;
  if (connection !== undefined) adopt(connection);
  const verdict = judgeChain({ served, anchors: roots, name: route.name, now: host.clock.now() });
  if (!verdict.ok) return failure(verdict.problem);
  const until = Math.min(...verdict.chain.map((each) => each.notAfter));
  return success(`${served[0]?.subject}, until ${new Date(until).toISOString().slice(0, 10)}`);
}

async function checkLogin(
  client: RegistryClient,
  route: Route,
  credential: Credential | undefined,
): Promise<Result<string>> {
  if (credential === undefined) {
    const ping = await client.ping();
    if (!ping.ok) return ping;
    return ping.value.kind === "open"
      ? success("not needed")
      : failure(problem("RC-CRD-008", { name: route.name.key }));
  }
  const login = await client.login();
  if (!login.ok) return login;
  return success(login.value.kind === "notNeeded" ? "not needed" : `as ${credential.username} (${login.value.scheme})`);
}

function transferChecks(verification: Verification): readonly PlannedCheck[] {
  if (verification.mode === "login") return [];
  if (verification.mode === "light") return [{ name: "write access", run: () => proveWriting(verification) }];
  if (verification.mode === "pull") return [{ name: "pull", run: () => proveReading(verification) }];
  return planTransfer(verification);
}

/** Needs no image: OCI's empty blob is the same in every registry and at every run. */
async function proveWriting({ client, repository }: Verification): Promise<Result<string>> {
  const sent = await uploadEmptyBlob(client, repository);
  return sent.ok ? success(`upload session of ${repository} opened and ended, with OCI's empty blob`) : sent;
}
