import { reveal } from "../credentials/secret.ts";
import type { HelperContext } from "./helper.ts";
import { readOwnLogin } from "./own-item.ts";
import { answer, helperErrors, refuse, type HelperAnswer } from "./protocol.ts";
import { readPointer } from "./records.ts";
import { parseServer } from "./server-name.ts";

const NO_DAEMON =
  "regclient: only root can read the login of this host, and no daemon serves it; as root: systemctl enable --now regclient.socket";

/**
 * Finds the login for a server: the caller's own keychain, then the host's login, which root reads from the vault and
 * everybody else asks of the daemon.
 */
export async function getCredential(server: string, context: HelperContext): Promise<HelperAnswer> {
  if (server === "") return refuse(helperErrors.noServer);
  const name = parseServer(server);
  if (name === undefined) return refuse(helperErrors.notFound);
  const own = context.hasSession ? await readOwnLogin(context.keychain, name.key, context.signal) : undefined;
  if (own !== undefined) return found(server, own.username, own.secret);
  const pointer = await readPointer(context.files, name.key);
  if (pointer === undefined) return refuse(helperErrors.notFound);
  if (pointer.vault !== "keychain" && !context.isRoot) return askDaemon(server, context);
  const { readCredential } = await import("../credentials/vaults.ts");
  const means = { host: context, keychain: context.keychain };
  const credential = await readCredential(means, name.key, pointer);
  if (!credential.ok) return refuse(`regclient: ${credential.problem.summary}: ${credential.problem.cause}`);
  return found(server, credential.value.username, reveal(credential.value.password));
}

async function askDaemon(server: string, context: HelperContext): Promise<HelperAnswer> {
  const said = await context.askSocket(server);
  switch (said.kind) {
    case "login":
      return found(server, said.username, reveal(said.secret));
    case "error":
      return refuse(said.error === "not-found" ? helperErrors.notFound : `regclient: ${said.reason}`);
    case "no-answer":
      return refuse(`regclient: ${said.reason}`);
    case "no-socket":
      return refuse(NO_DAEMON);
  }
}

function found(server: string, username: string, secret: string): HelperAnswer {
  return answer({ ServerURL: server, Username: username, Secret: secret });
}
