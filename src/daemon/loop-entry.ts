import type { ExpiringCertificate, PassedRegistry, Wake } from "./pass-report.ts";

/** Why a pass by the records is wanted; `isDeclared`: the declaration may be another. */
export interface HealWish {
  readonly wake: Wake;
  readonly isDeclared: boolean;
}

/** What the loop keeps of one registry. Times are counted as `Clock.elapsed` does. */
export interface LoopEntry {
  readonly key: string;
  /** A pass by the records is wanted, but not before `healNotBefore`. */
  heal: HealWish | undefined;
  healNotBefore: number;
  hasHealFailed: boolean;
  /** When something was last put right, newest last. */
  heals: readonly number[];
  /** When the registry is to be asked next, and why. */
  followAt: number;
  followWake: Wake;
  /** Since when it is being asked. */
  following: number | undefined;
  /** Passes over the registry that failed in a row. */
  failures: number;
  /** One has gone well since the start. */
  hasPassed: boolean;
  anchors: readonly ExpiringCertificate[];
  leaf: ExpiringCertificate | undefined;
}

// something else that undoes what regclient does, as often as it is done, is met more slowly
const FIGHT_WINDOW_MS = 60_000;
const FIGHT_HEALS = 5;
const FIGHT_PAUSE_MS = 30_000;

/** A registry that has just come to be known. */
export function createEntry(key: string, followAt: number, wake: Wake): LoopEntry {
  return {
    key,
    heal: { wake, isDeclared: false },
    healNotBefore: Number.NEGATIVE_INFINITY,
    hasHealFailed: false,
    heals: [],
    followAt,
    followWake: wake,
    following: undefined,
    failures: 0,
    hasPassed: false,
    anchors: [],
    leaf: undefined,
  };
}

/** Wants a pass by the records; one that is wanted already stays what it is, and learns of the declaration. */
export function wantHeal(entry: LoopEntry, wake: Wake, isDeclared: boolean): void {
  entry.heal = { wake: entry.heal?.wake ?? wake, isDeclared: isDeclared || entry.heal?.isDeclared === true };
}

/** Whether a pass by the records is to begin. */
export function isHealDue({ heal, healNotBefore }: LoopEntry, now: number): boolean {
  return heal !== undefined && healNotBefore <= now;
}

/** Wants the registry to be asked at `at`, or earlier if that was wanted before. */
export function wantFollow(entry: LoopEntry, wake: Wake, at: number): void {
  if (entry.followAt <= at) return;
  entry.followAt = at;
  entry.followWake = wake;
}

/** Notes that something was put right; true when that begins to look like a fight, and pauses it. */
export function noteHeal(entry: LoopEntry, now: number): boolean {
  entry.heals = [...entry.heals, now].filter((time) => now - time < FIGHT_WINDOW_MS).slice(-FIGHT_HEALS);
  if (entry.heals.length < FIGHT_HEALS) return false;
  const isNew = entry.healNotBefore < now - FIGHT_WINDOW_MS;
  entry.healNotBefore = now + FIGHT_PAUSE_MS;
  return isNew;
}

/** Keeps what a pass saw: one that did not ask the registry did not see its leaf. */
export function keepSeen(entry: LoopEntry, { anchors, leaf }: PassedRegistry): void {
  entry.anchors = anchors;
  entry.leaf = leaf ?? entry.leaf;
}

/** When the certificates that matter to this registry end. */
export function expiriesOf({ leaf }: LoopEntry): readonly number[] {
  return leaf === undefined ? [] : [leaf.notAfter];
}
