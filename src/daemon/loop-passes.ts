import { problem, type Problem } from "../findings/problem.ts";
import { success } from "../result.ts";
import {
  expiriesOf,
  isHealDue,
  keepSeen,
  noteHeal,
  wantFollow,
  wantHeal,
  type HealWish,
  type LoopEntry,
} from "./loop-entry.ts";
import { kick, type LoopState } from "./loop-state.ts";
import type { PassedRegistry, PassReport } from "./pass-report.ts";
import { nextTime, type ScheduleInput } from "./schedule.ts";

/** How long a pass by the records may take: it may wait for the lock. */
export const HEAL_LIMIT_MS = 60_000;
// somebody may wait for a new host, but those that were switched on together do not all enroll in the same second
const FIRST_SPREAD_MS = 30_000;

/** Begins a pass by the records where one is due: one at a time, as they take milliseconds and write to the same files. */
export function startHeal(loop: LoopState): void {
  const now = loop.parts.clock.elapsed();
  const entry = [...loop.entries.values()].find((each) => isHealDue(each, now));
  if (loop.healing !== undefined || entry?.heal === undefined) return;
  const wish = entry.heal;
  entry.heal = undefined;
  loop.healing = now;
  void healOne(loop, entry, wish).finally(() => {
    loop.healing = undefined;
    kick(loop);
  });
}

/** Begins to ask the registries that are due, longest due first, as many at once as may be. */
export function startFollows(loop: LoopState): void {
  const now = loop.parts.clock.elapsed();
  const idle = [...loop.entries.values()].filter((each) => each.following === undefined);
  const due = idle.filter((each) => each.followAt <= now).sort((one, other) => one.followAt - other.followAt);
  const free = loop.settings.atOnce - (loop.entries.size - idle.length);
  for (const entry of due.slice(0, Math.max(0, free))) {
    const wake = entry.followWake;
    entry.following = now;
    entry.followAt = Number.POSITIVE_INFINITY;
    void followOne(loop, entry, wake).finally(() => kick(loop));
  }
}

/** How long until a registry is to be asked next. */
export function delayTo(loop: LoopState, input: Pick<ScheduleInput, "last" | "failures" | "expiries">): number {
  const now = loop.parts.clock.now();
  return nextTime({ ...input, now, random: loop.parts.random() }, loop.settings) - now;
}

async function healOne(loop: LoopState, entry: LoopEntry, wish: HealWish): Promise<void> {
  const { parts, passes } = loop;
  const measure = startWatch(loop);
  const overdue = whenOverdue(entry.key, HEAL_LIMIT_MS);
  const result = await passes.run(entry.key, HEAL_LIMIT_MS, overdue, async (signal) => parts.heal(entry.key, signal));
  if (loop.isStopped || loop.entries.get(entry.key) !== entry) return;
  askAfterHeal(loop, entry, wish, result.ok && result.value === undefined);
  const hadFailed = entry.hasHealFailed;
  entry.hasHealFailed = !result.ok;
  const { wake } = wish;
  if (!result.ok) return tell(loop, entry, { wake, scope: "host", ...measure(), result });
  if (result.value === undefined) return;
  keepSeen(entry, result.value);
  if (result.value.healed.length === 0 && !hadFailed) return;
  if (result.value.healed.length > 0) tellFight(loop, entry);
  const passed: PassedRegistry = { ...result.value, leaf: entry.leaf };
  tell(loop, entry, { wake, scope: "host", ...measure(), result: success(passed) });
}

/** What the records do not say, the registry does. One that failed gets another chance with another declaration. */
function askAfterHeal(loop: LoopState, entry: LoopEntry, { wake, isDeclared }: HealWish, isUnknown: boolean): void {
  const now = loop.parts.clock.elapsed();
  const isRetried = isDeclared && entry.failures > 0;
  if (isRetried || (isUnknown && wake !== "schedule"))
    wantFollow(entry, wake, now + (wake === "start" ? firstDelay(loop) : 0));
}

function firstDelay({ parts, settings }: LoopState): number {
  return parts.random() * Math.min(settings.startSpreadMs, FIRST_SPREAD_MS);
}

function tellFight({ parts }: LoopState, entry: LoopEntry): void {
  if (!noteHeal(entry, parts.clock.elapsed())) return;
  const what = "something else keeps undoing what regclient puts right, so it is put right less often";
  parts.log("warning", what, { registry: entry.key });
}

async function followOne(loop: LoopState, entry: LoopEntry, wake: PassReport["wake"]): Promise<void> {
  const { parts, passes } = loop;
  const { key } = entry;
  const limit = loop.settings.passTimeoutMs;
  const measure = startWatch(loop);
  const result = await passes.run(key, limit, whenOverdue(key, limit), async (signal) => parts.follow(key, signal));
  const took = measure();
  const recorded = result.ok || loop.isStopped ? undefined : await parts.recall(key);
  entry.following = undefined;
  if (loop.isStopped || loop.entries.get(key) !== entry) return;
  entry.failures = result.ok ? 0 : entry.failures + 1;
  if (result.ok) keepSeen(entry, result.value);
  // the host is put right all the same
  else wantHeal(entry, "schedule", false);
  const { failures } = entry;
  const last = result.ok ? (entry.hasPassed ? "passed" : "first") : "failed";
  entry.hasPassed ||= result.ok;
  const delay = delayTo(loop, { last, failures, expiries: expiriesOf(entry) });
  // what was wanted meanwhile may be due earlier
  wantFollow(entry, "schedule", parts.clock.elapsed() + delay);
  tell(loop, entry, { wake, scope: "registry", ...took, result, ...(recorded && { recorded }) });
  if (result.ok && result.value.healed.length > 0) parts.onListed([...loop.entries.keys()]);
}

function startWatch({ parts: { clock } }: LoopState): () => Pick<PassReport, "startedAt" | "tookMs"> {
  const [startedAt, since] = [clock.now(), clock.elapsed()];
  return () => ({ startedAt, tookMs: clock.elapsed() - since });
}

function whenOverdue(key: string, limitMs: number): () => Problem {
  return () => problem("RC-NET-028", { name: key, seconds: String(limitMs / 1000) });
}

/** While the registry is being asked, the next time is not known yet: it is soon. */
function tell({ parts }: LoopState, entry: LoopEntry, report: Omit<PassReport, "registry" | "nextAt">): void {
  const wait = Number.isFinite(entry.followAt) ? Math.max(0, entry.followAt - parts.clock.elapsed()) : 0;
  parts.onPass({ ...report, registry: entry.key, nextAt: parts.clock.now() + wait });
}
