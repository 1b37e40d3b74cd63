import { exitCodes, problem } from "../findings/problem.ts";
import type { Route } from "../registry/connection.ts";
import { openRegistry } from "../registry/open-registry.ts";
import type { PlainLogin } from "../credentials/docker-config.ts";
import { reveal, type Secret } from "../credentials/secret.ts";
import type { Credential } from "../credentials/vault.ts";
import { systemdPath } from "../credentials/vaults/systemd-vault.ts";
import { chooseVault, prepareStoring, readCredential } from "../credentials/vaults.ts";
import { failure, success, type Result } from "../result.ts";
import type { Certificate } from "../trust/certificate.ts";
import type { Declaration } from "./declaration.ts";
import { inspectLogin } from "./inspect.ts";
import type { EnrollRequest, Pass } from "./pass.ts";
import type { CredentialPlan } from "./plan.ts";
import type { RegistryState } from "./state.ts";

/** What trying a login came to; an open registry needs none, and is not sent it. */
type Proof = "loggedIn" | "notNeeded" | "unasked";

/** The credential that goes with a registry. */
export interface Login {
  /** Given now, or stored; undefined where there is none. */
  readonly found: FoundCredential | undefined;
  /** The registry has just accepted it. */
  readonly isProved: boolean;
}

/** A credential, and the one that is in the vault. */
export interface FoundCredential {
  readonly credential: Credential;
  readonly stored: Credential | undefined;
}

/** Finds the credential (given now, or stored) and proves it against the registry. */
export async function establishLogin(
  pass: Pass,
  request: EnrollRequest,
  route: Route,
  context: LoginContext,
): Promise<Result<Login>> {
  if (request.leaveLogin === true && (await isInPlace(pass, context)))
    return success({ found: undefined, isProved: false });
  const credential = await findCredential(pass, request, context);
  if (!credential.ok) return credential;
  const { value: found } = credential;
  // a pass that nobody waits for does not make the registry check a password that nobody has changed
  const isKnown = found !== undefined && isStored(found) && !request.requireLogin;
  const proved = isKnown ? success("unasked" as const) : await proveFound(pass, route, context, found);
  const mayLack = found === undefined && !request.requireLogin;
  if (!proved.ok && !(mayLack && proved.problem.exit === exitCodes.credentials)) return proved;
  return success({ found, isProved: found !== undefined && proved.ok && proved.value === "loggedIn" });
}

async function proveFound(
  pass: Pass,
  route: Route,
  { declaration, roots }: LoginContext,
  found: FoundCredential | undefined,
): Promise<Result<Proof>> {
  const verb = found === undefined ? "asking what is needed by" : "logging in to";
  pass.watch.begin(`${verb} ${route.name.authority}`);
  return prove(pass, route, declaration, roots, found?.credential);
}

/** Opening a vault may take a process and the TPM: too much for every quarter of an hour. */
async function isInPlace(pass: Pass, { declaration, state, plain }: LoginContext): Promise<boolean> {
  const pointer = state?.credential;
  const { username, vault } = declaration.credentials;
  if (pointer === undefined || plain !== undefined || username !== pointer.username) return false;
  if (vault !== "auto" && vault !== pointer.vault) return false;
  return (await inspectLogin(pass, pointer)) === "stored";
}

/** What the login of a registry is found in. */
export interface LoginContext {
  readonly declaration: Declaration;
  readonly state: RegistryState | undefined;
  /** What the registry is verified against. */
  readonly roots: readonly Certificate[];
  /** FoundCredential in a Docker config, to be moved into the vault. */
  readonly plain: PlainLogin | undefined;
}

function isStored({ credential, stored }: FoundCredential): boolean {
  return stored?.username === credential.username && reveal(stored.password) === reveal(credential.password);
}

async function findCredential(
  pass: Pass,
  request: EnrollRequest,
  { declaration, state, plain }: LoginContext,
): Promise<Result<FoundCredential | undefined>> {
  const username = declaration.credentials.username ?? state?.credential?.username;
  const stored = await readStored(pass, request, state);
  if (request.password !== undefined && username === undefined) {
    return failure(
      problem("RC-CFG-005", { option: "--password-stdin", reason: "no --username goes with it", command: "enroll" }),
    );
  }
  if (request.password !== undefined && username !== undefined) {
    // what cannot be read any more is replaced, not mourned
    const before = stored.ok ? stored.value : undefined;
    return success({ credential: { username, password: request.password }, stored: before });
  }
  if (!stored.ok) return stored;
  if (plain !== undefined && stored.value === undefined && (username ?? plain.username) === plain.username) {
    return success({ credential: plain, stored: undefined });
  }
  if (username === undefined) return success(undefined);
  if (stored.value?.username === username) return success({ credential: stored.value, stored: stored.value });
  const asked = await request.askPassword?.(username);
  if (asked !== undefined) return success({ credential: { username, password: asked }, stored: stored.value });
  return failure(problem("RC-CRD-005", { username }));
}

async function readStored(
  pass: Pass,
  request: EnrollRequest,
  state: RegistryState | undefined,
): Promise<Result<Credential | undefined>> {
  if (state?.credential === undefined) return success(undefined);
  return readCredential(pass, request.name.key, state.credential);
}

async function prove(
  pass: Pass,
  route: Route,
  declaration: Declaration,
  roots: readonly Certificate[],
  credentials: { username: string; password: Secret } | undefined,
): Promise<Result<Proof>> {
  const allowedRealms = declaration.credentials.realms;
  const { client, http } = openRegistry(pass.host, { route, anchors: roots, allowedRealms, credentials });
  try {
    if (credentials !== undefined) {
      const login = await client.login();
      return login.ok ? success(login.value.kind) : login;
    }
    const ping = await client.ping();
    if (!ping.ok) return ping;
    return ping.value.kind === "challenge"
      ? failure(problem("RC-CRD-001", { name: route.name.key }))
      : success("notNeeded");
  } finally {
    http.close();
  }
}

/** What storing a credential takes; undefined where it is stored already. The lock must be held. */
export async function planStoring(
  pass: Pass,
  request: EnrollRequest,
  declaration: Declaration,
  state: RegistryState | undefined,
  found: FoundCredential,
): Promise<Result<CredentialPlan | undefined>> {
  const { credential } = found;
  const vault = await chooseStoringVault(pass, declaration, state);
  if (!vault.ok) return vault;
  if (isStored(found) && state?.credential?.vault === vault.value) return success(undefined);
  if (request.dryRun && vault.value === "systemd") return success(pretendStoring(request, credential, state));
  const storing = await prepareStoring(pass, vault.value, request.name.key, credential);
  if (!storing.ok) return storing;
  return success({ ...storing.value, ...(state?.credential && { replaces: state.credential }) });
}

/** `auto` stays with the vault that was chosen before: a pass without a session must not move what a person stored. */
async function chooseStoringVault(
  pass: Pass,
  declaration: Declaration,
  state: RegistryState | undefined,
): ReturnType<typeof chooseVault> {
  const declared = declaration.credentials.vault;
  const before = state?.credential?.vault;
  return declared === "auto" && before !== undefined ? success(before) : chooseVault(pass, declared);
}

/** For a plan that is only shown: systemd's first encryption makes the host's key, which would be a change. */
function pretendStoring(
  request: EnrollRequest,
  { username }: Credential,
  state: RegistryState | undefined,
): CredentialPlan {
  const path = systemdPath(request.name.key);
  const pointer = { vault: "systemd", item: path, username } as const;
  return {
    pointer,
    files: [{ path, bytes: new Uint8Array() }],
    ...(state?.credential && { replaces: state.credential }),
  };
}
