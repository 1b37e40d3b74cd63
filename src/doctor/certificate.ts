import { problem, type Problem } from "../findings/problem.ts";
import { observeServed } from "../registry/connection.ts";
import { readDockerTrust } from "../smoke/docker-trust.ts";
import type { Certificate } from "../trust/certificate.ts";
import { judgeChain } from "../trust/chain.ts";
import { findMisplaced } from "./certificate-directory.ts";
import { failed, ok, warning, type Verdict } from "./report.ts";
import { readServerClock } from "./server-clock.ts";
import type { Subject } from "./subject.ts";

const DAY = 86_400_000;
const SOON_DAYS = 14;

/** What is served, and what Go says of it with what Docker trusts on this host. */
export async function examineCertificate(subject: Subject, addresses: readonly string[]): Promise<readonly Verdict[]> {
  const { pass, name, route } = subject;
  const served = await observeServed(pass.host, route);
  if (!served.ok) return failed(served.problem);
  const now = pass.host.clock.now();
  const anchors = await readDockerTrust(pass.host.files, name);
  const verdict = judgeChain({ served: served.value, anchors, name, now });
  if (verdict.ok) return judgeExpiry(name.host, verdict.chain, now);
  return failed(await findCause(subject, served.value, verdict.problem, addresses[0]));
}

/** Short-lived certificates are renewed late: a quarter of their life is soon enough for them. */
function judgeExpiry(host: string, chain: readonly Certificate[], now: number): readonly Verdict[] {
  const first = chain.toSorted((a, b) => a.notAfter - b.notAfter)[0];
  if (first === undefined) return ok("trusted");
  const left = first.notAfter - now;
  const notAfter = new Date(first.notAfter).toISOString().slice(0, 10);
  const isSoon = left < Math.min(SOON_DAYS * DAY, (first.notAfter - first.notBefore) / 4);
  if (!isSoon) return ok(`${chain[0]?.subject}, until ${notAfter}`);
  const facts = { host, days: String(Math.floor(left / DAY)), subject: first.subject, notAfter };
  return warning(problem("RC-TLS-040", facts, [`${first.subject}, until ${notAfter}`]));
}

/** The cause behind the verdict: a clock that is wrong, or a CA in a place where Docker does not look. */
async function findCause(
  { pass, name }: Subject,
  served: readonly Certificate[],
  told: Problem,
  address: string | undefined,
): Promise<Problem> {
  if (/^RC-TLS-0(?:04|05|16)$/.test(told.code) && address !== undefined) {
    const theirs = await readServerClock(address, name, pass.host.signal);
    return (theirs === undefined ? undefined : blameClock(name.host, served, theirs, pass.host.clock.now())) ?? told;
  }
  if (!/^RC-TLS-00[678]$/.test(told.code)) return told;
  const fits = (anchors: readonly Certificate[]): boolean =>
    judgeChain({ served, anchors, name, now: pass.host.clock.now() }).ok;
  return (await findMisplaced(pass.host.files, name, fits)) ?? told;
}

function blameClock(host: string, served: readonly Certificate[], theirs: number, ours: number): Problem | undefined {
  const isValid = (time: number): boolean => served.every((each) => each.notBefore <= time && time <= each.notAfter);
  const leaf = served[0];
  if (leaf === undefined || !isValid(theirs) || isValid(ours)) return undefined;
  const shown = (time: number): string => new Date(time).toISOString().slice(0, 16).replace("T", " ");
  const facts = {
    host,
    ours: shown(ours),
    theirs: shown(theirs),
    notBefore: shown(leaf.notBefore),
    notAfter: shown(leaf.notAfter),
  };
  return problem("RC-TLS-042", facts, [`this host: ${facts.ours}`, `Date of the server: ${facts.theirs}`]);
}
