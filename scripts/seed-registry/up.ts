import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { isDeepStrictEqual } from "node:util";
import { makeCertificate } from "./certificate.ts";
import { keepCertificate, publishTrust, readCertificate, type KeptCertificate } from "./certificates.ts";
import { chooseEngine, makeEngine, type Engine } from "./engine.ts";
import { done, type Outcome } from "./fault.ts";
import { readIfPresent, writeFileAtomically } from "./files.ts";
import { checkHealth } from "./health.ts";
import { listUsers } from "./htpasswd.ts";
import { makeFolders } from "./instance.ts";
import { layOut, type Layout } from "./layout.ts";
import { report, type Context, type Report } from "./report.ts";
import { checkSettings, readSettings, registryName, writeSettings, type Settings } from "./settings.ts";
import { addUser, type PasswordSource } from "./users.ts";

/** The options of `up`; what is undefined stays as it is, or takes its default at the first time. */
export interface UpOptions {
  readonly settings: Partial<Settings>;
  readonly username: string | undefined;
  readonly password: PasswordSource;
}

/** Brings the instance below `data` up, as the options want it; does nothing when it is so already. */
export async function bringUp(data: string, options: UpOptions, context: Context): Promise<Outcome<Report>> {
  const layout = layOut(data);
  const saved = readSettings(layout);
  if (!saved.ok) return saved;
  const settings = decideSettings(saved.value, options.settings);
  if (!settings.ok) return settings;
  const engine = makeEngine(settings.value, layout);
  const isSame = isDeepStrictEqual(saved.value, settings.value);
  if (isSame && (await isUp(layout, settings.value, context))) {
    const added = await addWantedUser(data, options, context);
    return added.ok ? done(tell(layout, settings.value, "is up already", added.value)) : added;
  }
  prepareFiles(layout, settings.value, engine, context);
  const started = await restart(layout, saved.value, settings.value, context);
  if (!started.ok) return started;
  const added = await addWantedUser(data, options, context);
  if (added.ok) return done(tell(layout, settings.value, "is up", added.value));
  await engine.stop();
  return added;
}

function decideSettings(saved: Settings | undefined, wanted: Partial<Settings>): Outcome<Settings> {
  const engine = wanted.engine === undefined && saved !== undefined ? done(saved.engine) : chooseEngine(wanted.engine);
  if (!engine.ok) return engine;
  return checkSettings({ ...(saved ?? makeDefaults(engine.value)), ...wanted, engine: engine.value });
}

function makeDefaults(engine: Settings["engine"]): Settings {
  return {
    alias: "devregistry",
    addresses: ownAddresses(),
    listen: null,
    httpsPort: 443,
    registryPort: 5000,
    exposeRegistry: false,
    allowDelete: true,
    days: 397,
    engine,
    httpSecret: randomBytes(32).toString("hex"),
  };
}

/** Addresses by which others may know this host; not those of its own containers' bridges. */
function ownAddresses(): string[] {
  return Object.entries(networkInterfaces())
    .filter(([name]) => !/^(?:docker|br-|veth|virbr|lo)/.test(name))
    .flatMap(([, addresses]) => addresses ?? [])
    .filter(({ internal, address }) => !internal && !address.startsWith("fe80:"))
    .map(({ address }) => address);
}

async function isUp(layout: Layout, settings: Settings, { signal }: Context): Promise<boolean> {
  if (
    !makeEngine(settings, layout)
      .parts()
      .every(({ isRunning }) => isRunning)
  )
    return false;
  const { isHealthy, served } = await checkHealth(settings, signal);
  return isHealthy && served === readCertificate(layout, "current")?.fingerprint;
}

function prepareFiles(layout: Layout, settings: Settings, engine: Engine, { now, say }: Context): void {
  makeFolders(layout);
  if (readCertificate(layout, "current") === undefined) {
    say("making a certificate");
    keepCertificate(layout, "current", makeCertificate({ ...settings, notBefore: startOf(now()), key: undefined }));
  }
  publishTrust(layout);
  // Without the file nginx says 403 to everybody; without a line in it, 401.
  writeFileAtomically(layout.htpasswd, readIfPresent(layout.htpasswd) ?? "", engine.htpasswdAccess);
}

/** Clients whose clock is a little slow must not find the certificate not yet valid. */
export function startOf(now: Date): Date {
  return new Date(now.getTime() - 5 * 60_000);
}

/** Stops what runs by the old settings, starts by the new ones. After a failure nothing runs, and the old settings stand. */
async function restart(
  layout: Layout,
  old: Settings | undefined,
  settings: Settings,
  { signal, say }: Context,
): Promise<Outcome<void>> {
  const stopped = await makeEngine(old ?? settings, layout).stop();
  if (!stopped.ok && old !== undefined) return stopped;
  writeSettings(layout, settings);
  say(`starting the registry and nginx (${settings.engine} engine)`);
  const started = await makeEngine(settings, layout).start(signal);
  if (started.ok) return started;
  if (old === undefined) rmSync(layout.settings, { force: true });
  else writeSettings(layout, old);
  return started;
}

async function addWantedUser(data: string, options: UpOptions, context: Context): Promise<Outcome<readonly string[]>> {
  if (options.username === undefined) return done([]);
  const added = await addUser(data, options.username, options.password, context);
  return added.ok ? done(added.value.lines) : added;
}

function tell(layout: Layout, settings: Settings, state: string, more: readonly string[]): Report {
  const certificate = readCertificate(layout, "current");
  if (certificate === undefined) throw new Error("up without a certificate");
  const users = listUsers(readIfPresent(layout.htpasswd) ?? "");
  return report(
    `${settings.alias} ${state}: https://${settings.alias}:${settings.httpsPort}/ (data in ${layout.data})`,
    `certificate ${certificate.fingerprint}, until ${certificate.notAfter.toISOString().slice(0, 10)}`,
    ...missingNames(settings, certificate),
    ...more,
    "",
    ...(users.length === 0 ? ["next, here, as nobody may log in yet:", "  scripts/devregistry adduser NAME", ""] : []),
    "next, on each client host:",
    `  ${enrollLine(settings, certificate, users[0] ?? "NAME")}`,
  );
}

/** The command that makes a host a client of this registry. */
function enrollLine(settings: Settings, certificate: KeptCertificate, user: string): string {
  const address = settings.addresses[0] ?? "ADDRESS";
  const { fingerprint } = certificate;
  return `regclient enroll ${registryName(settings)} --address ${address} --fingerprint ${fingerprint} --username ${user}`;
}

function missingNames(settings: Settings, certificate: KeptCertificate): readonly string[] {
  const names = certificate.subjectAltName;
  const missing = [settings.alias, ...settings.addresses].filter((name) => !holdsName(names, name));
  if (missing.length === 0) return [];
  return [`the certificate does not name ${missing.join(", ")}: scripts/devregistry rotate makes one that does`];
}

function holdsName(subjectAltName: string, name: string): boolean {
  // Node spells IPv6 addresses in full, in capitals.
  const spelled = name.includes(":") ? expandIPv6(name) : name;
  return subjectAltName.split(", ").some((entry) => entry === `DNS:${spelled}` || entry === `IP Address:${spelled}`);
}

function expandIPv6(address: string): string {
  const [head = "", tail = ""] = new URL(`http://[${address}]/`).hostname.slice(1, -1).split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === "" ? [] : tail.split(":");
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => "0");
  return [...left, ...zeros, ...right].join(":").toUpperCase();
}
