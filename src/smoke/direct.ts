import { problem } from "../findings/problem.ts";
import type { Credential } from "../credentials/vault.ts";
import type { Host } from "../host/ports.ts";
import type { RegistryClient } from "../registry/client.ts";
import { observeServed, resolveRoute, type Route } from "../registry/connection.ts";
import { uploadEmptyBlob } from "../registry/empty-blob.ts";
import { failure, success, type Result } from "../result.ts";
import type { Certificate } from "../trust/certificate.ts";
import { judgeChain } from "../trust/chain.ts";
import { makeSmokeArtifact, type Blob, type SmokeArtifact } from "./artifact.ts";
import { runChecks, type Check, type Mode, type PlannedCheck } from "./report.ts";

/** What a verification is run with, whatever the way. */
export interface Verification {
  readonly host: Host;
  readonly route: Route;
  /** What Docker trusts for this registry on this host. */
  readonly roots: readonly Certificate[];
  readonly client: RegistryClient;
  readonly credential: Credential | undefined;
  /** This very login was proved a moment ago: it is not asked for again, as a registry may spend a bcrypt on each. */
  readonly loginProved: boolean;
  readonly mode: Mode;
  readonly repository: string;
  readonly begin: (check: string) => void;
  readonly note: (text: string) => void;
}

/** What cleaning up needs of a verification. */
interface Cleaning extends Pick<Verification, "repository" | "note"> {
  readonly client: Pick<RegistryClient, "deleteManifest">;
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
  const { host, route, roots, client, credential } = verification;
  const name: PlannedCheck = {
    name: "name",
    run: async () => {
      const found = await resolveRoute(host, route, route.name.host);
      return found.ok ? success(`${route.name.host} is ${found.value.join(", ")}`) : found;
    },
  };
  const tls: PlannedCheck = { name: "tls", run: () => checkTls(host, route, roots) };
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

async function checkTls(host: Host, route: Route, roots: readonly Certificate[]): Promise<Result<string>> {
  const served = await observeServed(host, route);
  if (!served.ok) return served;
  const verdict = judgeChain({ served: served.value, anchors: roots, name: route.name, now: host.clock.now() });
  if (!verdict.ok) return failure(verdict.problem);
  const until = Math.min(...verdict.chain.map((each) => each.notAfter));
  return success(`${served.value[0]?.subject}, until ${new Date(until).toISOString().slice(0, 10)}`);
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
  const { host, client, mode, repository } = verification;
  if (mode === "login") return [];
  if (mode === "light") return [{ name: "write access", run: () => checkWriteAccess(client, repository) }];
  if (mode === "pull") return [{ name: "pull", run: () => checkReadOnly(client, repository) }];
  const artifact = makeSmokeArtifact(host.caller.hostname, new Date(host.clock.now()).toISOString());
  let pushed = false;
  const push = async (): Promise<Result<string>> => {
    const result = await pushArtifact(client, repository, artifact);
    pushed = result.ok;
    return result;
  };
  const clean = async (): Promise<Result<string>> =>
    pushed ? deletePushed(verification, artifact.tag, artifact.manifest.digest) : success("nothing was pushed");
  return [
    { name: "push", run: push },
    { name: "pull", run: () => pullArtifact(client, repository, artifact) },
    { name: "clean up", run: clean, always: true },
  ];
}

/** Needs no artifact: a registry that lets us read says 404 to what is not there, and one that does not says 401 or 403. */
async function checkReadOnly(client: RegistryClient, repository: string): Promise<Result<string>> {
  const absent = `sha256:${"0".repeat(64)}`;
  const found = await client.headBlob(repository, absent);
  return found.ok ? success(`${repository} may be read`) : found;
}

async function checkWriteAccess(client: RegistryClient, repository: string): Promise<Result<string>> {
  const sent = await uploadEmptyBlob(client, repository);
  return sent.ok ? success(`upload session of ${repository} opened and ended, with OCI's empty blob`) : sent;
}

async function pushArtifact(
  client: RegistryClient,
  repository: string,
  artifact: SmokeArtifact,
): Promise<Result<string>> {
  const { content } = artifact;
  const size = content.bytes.length;
  const blob = await client.uploadBlob({ repository, digest: content.digest, size, body: () => bodyOf(content) });
  if (!blob.ok) return blob;
  const { bytes, mediaType } = artifact.manifest;
  const sent = await client.putManifest({ repository, reference: artifact.tag, bytes, mediaType });
  return sent.ok ? success(`${repository}:${artifact.tag}`) : sent;
}

async function* bodyOf(blob: Blob): AsyncIterable<Uint8Array> {
  yield blob.bytes;
}

async function pullArtifact(
  client: RegistryClient,
  repository: string,
  artifact: SmokeArtifact,
): Promise<Result<string>> {
  const { digest } = artifact.manifest;
  const manifest = await client.getManifest(repository, digest);
  if (!manifest.ok) return manifest;
  const maxBytes = artifact.content.bytes.length;
  const blob = await client.getBlob({
    repository,
    digest: artifact.content.digest,
    maxBytes,
    onChunk: () => undefined,
  });
  if (!blob.ok) return blob;
  if (manifest.value.digest === digest) return success(`by digest, and equal: ${digest.slice(0, 19)}…`);
  return failure(problem("RC-PSH-030", { repository, pushed: digest, pulled: manifest.value.digest }));
}

/** Takes a verification's artifact out of the registry again; where that is not allowed, says what stays. */
export async function deletePushed(
  { client, repository, note }: Cleaning,
  tag: string,
  digest: string,
): Promise<Result<string>> {
  const gone = await client.deleteManifest(repository, digest);
  if (gone.ok && gone.value !== "unsupported") return success("deleted");
  const why = gone.ok ? "the registry allows no deletion" : gone.problem.summary;
  note(
    `${repository}:${tag} (about 1 KB) stays in the registry: ${why}; the next verification from this host replaces it`,
  );
  return success(`stays: ${why}`);
}
