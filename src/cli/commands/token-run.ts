import { overrideDeclaration } from "../../enrollment/declaration.ts";
import { parseDuration } from "../../enrollment/duration.ts";
import { parseToken, renderToken, type EnrolmentToken } from "../../enrollment/enrolment-token.ts";
import { observeRecords } from "../../enrollment/observe.ts";
import { readDeclaration } from "../../enrollment/declared.ts";
import { exitCodes, problem } from "../../findings/problem.ts";
import { listOwnAddresses } from "../../host/own-addresses.ts";
import { observeServed } from "../../registry/connection.ts";
import { parseRegistryName, type RegistryName } from "../../registry/name.ts";
import { failure, success, type Result } from "../../result.ts";
import { showFingerprint } from "../../trust/fingerprint.ts";
import type { Invocation, Outcome } from "../command.ts";
import { readSuppliedFile } from "../input.ts";
import { failed } from "../outcome.ts";
import type { TokenCreateArguments } from "./token.ts";

/** `regclient token create`: says where the fingerprints are from, so that nobody hands on what a network showed. */
export async function runTokenCreate(args: TokenCreateArguments, { pass }: Invocation): Promise<Outcome> {
  const name = parseRegistryName(args.name);
  if (!name.ok) return failed(name.problem);
  const content = await collect(args, name.value, pass);
  if (!content.ok) return failed(content.problem);
  const { token, origin } = content.value;
  const line = renderToken(token);
  const read = parseToken(line, pass.host.clock.now());
  if (!read.ok) return failed(read.problem);
  pass.watch.note(`fingerprints from ${origin}: ${token.fingerprints.join(", ")}`);
  pass.watch.note(`on each client: regclient enroll ${name.value.key} --token-file FILE`);
  return {
    exit: exitCodes.ok,
    text: `${line}\n`,
    json: { registry: name.value.key, token: line, content: token, origin },
  };
}

type Pass = Invocation["pass"];

interface Vouched {
  readonly fingerprints: readonly string[];
  readonly origin: string;
}

async function collect(
  args: TokenCreateArguments,
  name: RegistryName,
  pass: Pass,
): Promise<Result<{ readonly token: EnrolmentToken; readonly origin: string }>> {
  const declared = await readDeclaration(pass.host.files, name.key);
  if (!declared.ok) return declared;
  const expires = readExpiry(args.expires, pass.host.clock.now());
  if (!expires.ok) return expires;
  const address = args.address ?? declared.value?.address;
  const vouched = await findFingerprints(args, name, address, pass);
  if (!vouched.ok) return vouched;
  const { username = declared.value?.credentials.username, realm = declared.value?.credentials.realms } = args;
  const { fingerprints, origin } = vouched.value;
  const overrides = { address, fingerprints, username, realms: realm };
  // what clients would refuse is refused here
  const checked = overrideDeclaration(name, undefined, overrides, "token create");
  if (!checked.ok) return checked;
  const token: EnrolmentToken = {
    version: 1,
    registry: name.key,
    ...(address !== undefined && { address }),
    fingerprints: [...fingerprints],
    ...(username !== undefined && { username }),
    ...(realm !== undefined && realm.length > 0 && { realms: realm }),
    ...(expires.value !== undefined && { expires: expires.value }),
  };
  return success({ token, origin });
}

function readExpiry(text: string | undefined, now: number): Result<string | undefined> {
  if (text === undefined) return success(undefined);
  const duration = parseDuration(text);
  if (duration !== undefined && duration > 0) return success(new Date(now + duration).toISOString());
  return failure(
    problem("RC-CFG-005", { option: "--expires", reason: "not a length of time (12h, 30d)", command: "token create" }),
  );
}

/** What is given, what this host trusts already, or what is served by this very host: never what a network shows. */
async function findFingerprints(
  args: TokenCreateArguments,
  name: RegistryName,
  address: string | undefined,
  pass: Pass,
): Promise<Result<Vouched>> {
  if (args.fingerprint !== undefined) return success({ fingerprints: args.fingerprint, origin: "the command line" });
  if (args.caFile !== undefined) {
    const supplied = await readSuppliedFile(args.caFile);
    if (!supplied.ok) return supplied;
    return success({ fingerprints: supplied.value.certificates.map(showFingerprint), origin: args.caFile });
  }
  const records = await observeRecords(pass.host.files, name.key);
  if (!records.ok) return records;
  const anchors = records.value.state?.anchors ?? [];
  if (anchors.length > 0)
    return success({ fingerprints: anchors.map((each) => each.fingerprint), origin: "what this host trusts" });
  return askOwnHost(name, name.isAddress ? name.host : address, pass);
}

async function askOwnHost(name: RegistryName, address: string | undefined, pass: Pass): Promise<Result<Vouched>> {
  if (address === undefined || !listOwnAddresses().includes(address))
    return failure(problem("RC-TRU-050", { name: name.key }));
  const served = await observeServed(pass.host, { name, address });
  if (!served.ok) return served;
  const last = served.value.at(-1);
  const shown = last?.isCA === true ? last : served.value[0];
  if (shown === undefined) return failure(problem("RC-TRU-050", { name: name.key }));
  return success({ fingerprints: [showFingerprint(shown)], origin: `${address}, an address of this host` });
}
