import { createEntry, wantFollow, wantHeal } from "./loop-entry.ts";
import { delayTo, HEAL_LIMIT_MS, startFollows, startHeal } from "./loop-passes.ts";
import { addWish, createLoopState, kick, takeWishes, type LoopParts, type LoopState, type Wish } from "./loop-state.ts";
import type { Wake } from "./pass-report.ts";
import type { ReconcileSettings } from "./settings.ts";

/** One loop over all registries. */
export interface ReconcileLoop {
  /** Runs until it is stopped. */
  run(): Promise<void>;
  wake(wish: Wish): void;
  /** Goes on with other settings. */
  use(settings: ReconcileSettings): void;
  /** False when a pass has outlived its bound, or the loop did not come to what was due. */
  isAlive(): boolean;
  stop(graceMs: number): Promise<void>;
}

// without any event, a new declaration is found within this time
const LIST_EVERY_MS = 60_000;
const LATE_MS = 30_000;

/**
 * The loop, asleep. Two kinds of passes: by the records alone, at once whenever something changes; and over the network,
 * by the schedule. The first never waits for the second, and of the second several run at once, so that a registry that
 * is down or slow disturbs nothing else.
 */
export function createReconcileLoop(parts: LoopParts, settings: ReconcileSettings): ReconcileLoop {
  const loop = createLoopState(parts, settings);
  return {
    run: async () => run(loop),
    wake: (wish) => addWish(loop, wish),
    use: (next) => void (loop.settings = next),
    isAlive: () => isAlive(loop),
    stop: async (graceMs) => {
      loop.isStopped = true;
      kick(loop);
      await loop.passes.stop(graceMs);
    },
  };
}

async function run(loop: LoopState): Promise<void> {
  const { clock } = loop.parts;
  while (!loop.isStopped) {
    loop.awake = new AbortController();
    await takeTurn(loop);
    loop.napUntil = nextDue(loop);
    await clock.sleep(Math.max(0, Math.ceil(loop.napUntil - clock.elapsed())), loop.awake.signal);
  }
}

async function takeTurn(loop: LoopState): Promise<void> {
  const due = takeWishes(loop);
  const isListed = due.some(({ kind }) => kind === "declaration" || kind === "all");
  if (isListed || loop.parts.clock.elapsed() >= loop.listAt) await refresh(loop, due[0]?.wake ?? "schedule");
  if (loop.isStopped) return;
  for (const wish of due) grant(loop, wish);
  startHeal(loop);
  startFollows(loop);
}

async function refresh(loop: LoopState, wake: Wake): Promise<void> {
  const { entries, parts } = loop;
  const { declared, enrolled } = await parts.list();
  const now = parts.clock.elapsed();
  loop.listAt = now + LIST_EVERY_MS;
  const known = [...entries.keys()];
  for (const key of known) if (!declared.includes(key)) entries.delete(key);
  // what is declared while the daemon runs is not put off
  const shown = wake === "schedule" ? "change" : wake;
  for (const key of declared) {
    if (entries.has(key)) continue;
    const delay = delayTo(loop, { last: "started", failures: 0, expiries: [] });
    entries.set(key, createEntry(key, now + delay, shown));
  }
  tellUndeclared(
    loop,
    enrolled.filter((key) => !declared.includes(key)),
  );
  const isOther = known.length !== entries.size || known.some((key) => !entries.has(key));
  if (isOther || wake !== "schedule") parts.onListed(declared);
}

/** Whoever took a file away may not have meant the host: nothing is undone until somebody says so. */
function tellUndeclared(loop: LoopState, keys: readonly string[]): void {
  for (const key of keys.filter((each) => !loop.undeclared.includes(each))) {
    const fields = { registry: key, fix: `regclient unenroll ${key}` };
    loop.parts.log("warning", "enrolled, but no longer declared: left as it is", fields);
  }
  loop.undeclared = keys;
}

function grant(loop: LoopState, { wake, kind, registries }: Wish): void {
  for (const entry of loop.entries.values()) {
    if (registries?.includes(entry.key) === false) continue;
    wantHeal(entry, wake, kind === "declaration");
    if (kind === "trust" || wake === "reload") wantFollow(entry, wake, loop.parts.clock.elapsed());
  }
}

function nextDue({ changesAt, entries, healing, listAt, parts, settings }: LoopState): number {
  const all = [...entries.values()];
  const isFull = all.filter(({ following }) => following !== undefined).length >= settings.atOnce;
  const waiting = healing === undefined ? all.filter(({ heal }) => heal !== undefined) : [];
  const follows = isFull ? [] : all.filter(({ following }) => following === undefined);
  const times = [...waiting.map(({ healNotBefore }) => healNotBefore), ...follows.map(({ followAt }) => followAt)];
  return Math.max(parts.clock.elapsed(), Math.min(listAt, changesAt ?? listAt, ...times));
}

function isAlive({ entries, healing, napUntil, parts, settings }: LoopState): boolean {
  const now = parts.clock.elapsed();
  const isOverdue = (since: number | undefined, limit: number): boolean =>
    since !== undefined && now - since > limit + LATE_MS;
  if (isOverdue(napUntil, 0) || isOverdue(healing, HEAL_LIMIT_MS)) return false;
  return [...entries.values()].every(({ following }) => !isOverdue(following, settings.passTimeoutMs));
}
