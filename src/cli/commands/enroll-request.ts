import { resolve } from "node:path";
import type { EnrollRequest } from "../../enrollment/pass.ts";
import { problem, type Problem } from "../../findings/problem.ts";
import { parseRegistryName, type RegistryName } from "../../registry/name.ts";
import { failure, success, type Result } from "../../result.ts";
import type { SuppliedCertificates } from "../../trust/first-contact.ts";
import { askPassword, confirmCertificate, confirmMigration } from "../ask.ts";
import type { Invocation } from "../command.ts";
import { readPasswordInput, readSuppliedFile, readTokenFile } from "../input.ts";
import type { EnrollArguments } from "./enroll.ts";

/** What a command line asks `enroll` for. Files that it names are read, and a password from stdin. */
export async function readRequest(args: EnrollArguments, invocation: Invocation): Promise<Result<EnrollRequest>> {
  const name = parseRegistryName(args.name);
  if (!name.ok) return name;
  const token = await readToken(args, name.value, invocation);
  if (!token.ok) return token;
  const inputs = await readInputs(args, invocation);
  if (!inputs.ok) return inputs;
  const { terminal } = invocation.pass.host;
  return success({
    name: name.value,
    overrides: overridesOf(args, { ...token.value, ...sayOf(args) }),
    ...inputs.value,
    caUrl: args.caUrl,
    migrate: args.migrate,
    replace: args.replace,
    firstUse: args.trustOnFirstUse,
    dryRun: args.dryRun,
    requireLogin: args.verify,
    lockTimeoutMs: args.lockTimeout * 1000,
    confirm: terminal.interactive ? (candidates) => confirmCertificate(terminal, name.value, candidates) : undefined,
    confirmMigration: terminal.interactive ? (path, login) => confirmMigration(terminal, path, login) : undefined,
    askPassword: terminal.interactive ? (login) => askPassword(terminal, login, name.value) : undefined,
  });
}

interface Said {
  readonly address?: string | undefined;
  readonly fingerprint?: readonly string[] | undefined;
  readonly username?: string | undefined;
  readonly realm?: readonly string[] | undefined;
}

async function readToken(args: EnrollArguments, name: RegistryName, invocation: Invocation): Promise<Result<Said>> {
  if (args.tokenFile === undefined) return success({});
  const token = await readTokenFile(args.tokenFile, name, invocation.pass.host.clock.now());
  if (!token.ok) return token;
  const { address, fingerprints, username, realms } = token.value;
  return success({ address, fingerprint: fingerprints, username, realm: realms });
}

/** What the command line itself says, which comes before a token. */
function sayOf({ address, fingerprint, username, realm }: EnrollArguments): Said {
  return Object.fromEntries(
    Object.entries({ address, fingerprint, username, realm }).filter(([, value]) => value !== undefined),
  );
}

function overridesOf(
  args: EnrollArguments,
  { address, username, fingerprint, realm }: Said,
): EnrollRequest["overrides"] {
  const { hosts, vault, dockerConfig, mode, repository, clientCert, clientKey } = args;
  const isPair = clientCert !== undefined && clientKey !== undefined;
  return {
    address,
    hosts,
    username,
    vault,
    dockerConfig,
    mode,
    repository,
    fingerprints: fingerprint,
    trustSources: args.trustSource,
    holdDown: args.holdDown,
    clientCertificate: isPair ? { certFile: resolve(clientCert), keyFile: resolve(clientKey) } : undefined,
    realms: realm,
    users: args.user,
    runtimes: args.runtime,
  };
}

async function readInputs(
  args: EnrollArguments,
  invocation: Invocation,
): Promise<Result<Pick<EnrollRequest, "supplied" | "password">>> {
  const wrong = wrongCombination(args);
  if (wrong !== undefined) return failure(wrong);
  const supplied: Result<SuppliedCertificates | undefined> =
    args.caFile === undefined ? success(undefined) : await readSuppliedFile(args.caFile);
  if (!supplied.ok) return supplied;
  const password = args.passwordStdin ? await readPasswordInput(invocation.pass.host.terminal) : success(undefined);
  return password.ok ? success({ supplied: supplied.value, password: password.value }) : password;
}

function wrongCombination(args: EnrollArguments): Problem | undefined {
  const wrong = (option: string, reason: string) => problem("RC-CFG-005", { option, reason, command: "enroll" });
  if (args.caFile !== undefined && args.caUrl !== undefined)
    return wrong("--ca-url", "--ca-file is given too, and only one can be the source");
  if ((args.clientCert === undefined) !== (args.clientKey === undefined))
    return args.clientCert === undefined
      ? wrong("--client-key", "no --client-cert goes with it")
      : wrong("--client-cert", "no --client-key goes with it");
  if (args.caUrl !== undefined && !args.caUrl.startsWith("https://"))
    return wrong("--ca-url", "it is not an https:// URL");
  if (args.caUrl !== undefined && !URL.canParse(args.caUrl)) return wrong("--ca-url", "it is not a URL");
  return undefined;
}
