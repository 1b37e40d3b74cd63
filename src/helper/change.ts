import { secret } from "../credentials/secret.ts";
import type { SecretStore } from "../credentials/secret-store.ts";
import { readEnrolled } from "../enrollment/enrolled.ts";
import { dropLogin, replaceLogin } from "../enrollment/login.ts";
import type { Pass } from "../enrollment/pass.ts";
import type { Host } from "../host/ports.ts";
import type { RegistryName } from "../registry/name.ts";
import type { LoginChanger } from "./helper.ts";
import { discardOwnLogin, storeOwnLogin } from "./own-item.ts";
import { done, helperErrors, refuse, type HelperAnswer, type StoreRequest } from "./protocol.ts";
import { parseServer } from "./server-name.ts";

const LOCK_TIMEOUT_MS = 30_000;

/** Root changes the host's login; everybody else their own, in their keychain. */
export function createLoginChanger(host: Host, keychain: SecretStore, hasSession: boolean): LoginChanger {
  const isRoot = host.caller.uid === 0;
  const pass: Pass = { host, keychain, watch: { begin: nothing, note: nothing, waiting: nothing, recovered: nothing } };
  return {
    store: async (request) => {
      const name = parseServer(request.server);
      if (name === undefined)
        return refuse(`"${request.server.slice(0, 80)}" is no registry that regclient keeps a login of`);
      return isRoot ? storeForHost(pass, name, request) : storeOwn(pass, name, request, hasSession);
    },
    erase: async (server) => {
      const name = parseServer(server);
      if (name === undefined) return refuse(helperErrors.notFound);
      return isRoot ? eraseForHost(pass, name) : eraseOwn(pass, name, hasSession);
    },
  };
}

function nothing(): void {}

/** Docker has tried the login before it has it stored. */
async function storeForHost(
  pass: Pass,
  name: RegistryName,
  { username, secret: password }: StoreRequest,
): Promise<HelperAnswer> {
  const stored = await replaceLogin(pass, name, { username, password: secret(password) }, LOCK_TIMEOUT_MS);
  return stored.ok ? done : refuse(`regclient: ${stored.problem.summary}: ${stored.problem.cause}`);
}

async function eraseForHost(pass: Pass, name: RegistryName): Promise<HelperAnswer> {
  const enrolled = await readEnrolled(pass, name);
  if (!enrolled.ok || enrolled.value.state.credential === undefined) return refuse(helperErrors.notFound);
  // Docker is about to write config.json itself: the helper stays registered there
  const dropped = await dropLogin(pass, name, { keepHelper: true, dryRun: false, lockTimeoutMs: LOCK_TIMEOUT_MS });
  return dropped.ok ? done : refuse(`regclient: ${dropped.problem.summary}: ${dropped.problem.cause}`);
}

async function storeOwn(
  pass: Pass,
  name: RegistryName,
  login: StoreRequest,
  hasSession: boolean,
): Promise<HelperAnswer> {
  if (!hasSession)
    return refuse(
      `regclient: there is no keychain in this session; the host's login is changed by root: regclient login ${name.key}`,
    );
  try {
    await storeOwnLogin(pass.keychain, name.key, login, pass.host.signal);
    return done;
  } catch (error) {
    return refuse(`regclient: the keychain cannot be used: ${(error as Error).message}`);
  }
}

async function eraseOwn(pass: Pass, name: RegistryName, hasSession: boolean): Promise<HelperAnswer> {
  try {
    if (hasSession && (await discardOwnLogin(pass.keychain, name.key, pass.host.signal))) return done;
  } catch (error) {
    return refuse(`regclient: the keychain cannot be used: ${(error as Error).message}`);
  }
  const enrolled = await readEnrolled(pass, name);
  const isHosts = enrolled.ok && enrolled.value.state.credential !== undefined;
  return refuse(
    isHosts
      ? `regclient: the login of ${name.key} is the host's; root removes it: regclient logout ${name.key}`
      : helperErrors.notFound,
  );
}
