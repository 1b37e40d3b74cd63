import { readCertificate, type KeptCertificate } from "./certificates.ts";
import { done, type Outcome } from "./fault.ts";
import { readIfPresent } from "./files.ts";
import { checkHealth } from "./health.ts";
import { listUsers } from "./htpasswd.ts";
import { openInstance, type Instance } from "./instance.ts";
import type { Context, Report } from "./report.ts";

const DAY_MS = 86_400_000;
/** As `systemctl status` and init scripts have it: not running. */
const NOT_HEALTHY = 3;

/** Shows what runs, the certificate, the users, and what GET /v2/ says. Exit 0 only when all of it is well. */
export async function showStatus(data: string, asJson: boolean, context: Context): Promise<Outcome<Report>> {
  const instance = openInstance(data);
  if (!instance.ok) return instance;
  const facts = await collectFacts(instance.value, context);
  const lines = asJson ? [JSON.stringify(facts, undefined, 2)] : tellFacts(facts);
  return done({ lines, exit: facts.healthy ? 0 : NOT_HEALTHY });
}

async function collectFacts({ layout, settings, engine }: Instance, { signal, now }: Context) {
  const current = readCertificate(layout, "current");
  const health = await checkHealth(settings, signal);
  const parts = engine.parts();
  const isServed = health.served === current?.fingerprint;
  return {
    url: `https://${settings.alias}:${settings.httpsPort}/`,
    data: layout.data,
    engine: settings.engine,
    healthy: health.isHealthy && isServed && parts.every(({ isRunning }) => isRunning),
    parts,
    certificate: tellCertificate(current, now()),
    announced: tellCertificate(readCertificate(layout, "next"), now()),
    served: health.served,
    users: listUsers(readIfPresent(layout.htpasswd) ?? ""),
    checks: [health.registry, health.front],
  } as const;
}

function tellCertificate(kept: KeptCertificate | undefined, now: Date) {
  if (kept === undefined) return undefined;
  const daysLeft = Math.floor((kept.notAfter.getTime() - now.getTime()) / DAY_MS);
  const { fingerprint, subjectAltName } = kept;
  return { fingerprint, notAfter: kept.notAfter.toISOString(), daysLeft, subjectAltName };
}

function tellFacts(facts: Awaited<ReturnType<typeof collectFacts>>): readonly string[] {
  const { certificate, announced, served } = facts;
  const isOther = served !== undefined && served !== certificate?.fingerprint;
  const rows: readonly (readonly [string, string])[] = [
    ["registry", `${facts.url} (${facts.engine} engine, data in ${facts.data})`],
    ...facts.parts.map(({ name, detail }) => [name === "nginx" ? "front" : "store", `${name} ${detail}`] as const),
    ["certificate", certificate === undefined ? "none" : tellLifetime(certificate)],
    ...(certificate === undefined ? [] : [["names", certificate.subjectAltName] as const]),
    ...(announced === undefined ? [] : [["announced", tellLifetime(announced)] as const]),
    ...(isOther ? [["served", `${served}, which is not the certificate above`] as const] : []),
    ["users", facts.users.length === 0 ? "none: scripts/devregistry adduser NAME" : facts.users.join(", ")],
    ["health", facts.healthy ? "healthy" : "not healthy"],
    ...facts.checks.map((check) => ["", check] as const),
  ];
  return rows.map(([name, value]) => `${name.padEnd(12)} ${value}`);
}

function tellLifetime(certificate: NonNullable<ReturnType<typeof tellCertificate>>): string {
  const { fingerprint, notAfter, daysLeft } = certificate;
  const left = daysLeft < 0 ? "expired" : `${daysLeft} days left`;
  return `${fingerprint}, until ${notAfter.slice(0, 10)} (${left})`;
}
