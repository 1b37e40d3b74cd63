import type { Clock } from "../host/ports.ts";
import type { Result } from "../result.ts";
import { createBoundedPasses, type BoundedPasses } from "./bounded-passes.ts";
import type { LoopEntry } from "./loop-entry.ts";
import type { Log } from "./log.ts";
import type { PassedRegistry, PassReport, Wake } from "./pass-report.ts";
import type { ReconcileSettings } from "./settings.ts";

/** What the host knows of registries, by their keys. */
export interface Listed {
  readonly declared: readonly string[];
  readonly enrolled: readonly string[];
}

/** What the loop is made of. Each pass heeds its signal; expected failures are values. */
export interface LoopParts {
  readonly clock: Clock;
  readonly log: Log;
  /** At least 0, less than 1. */
  readonly random: () => number;
  readonly list: () => Promise<Listed>;
  /** Puts right what differs from the records, and asks no network; undefined: the registry has to be asked. */
  readonly heal: (key: string, signal: AbortSignal) => Promise<Result<PassedRegistry | undefined>>;
  /** Asks the registry, and makes the host as declared. */
  readonly follow: (key: string, signal: AbortSignal) => Promise<Result<PassedRegistry>>;
  /** What the records say of a registry whose pass failed. */
  readonly recall: (key: string) => Promise<PassReport["recorded"]>;
  readonly onPass: (report: PassReport) => void;
  /** What there is to watch may be another from now on. */
  readonly onListed: (declared: readonly string[]) => void;
}

/** Something that wakes the loop. */
export interface Wish {
  readonly wake: Wake;
  /** `declaration`, `trust`: what is wanted, or may be trusted, may be another now. `host`: what regclient wrote. */
  readonly kind: "declaration" | "trust" | "host" | "all";
  /** The registries it is about; undefined: all. */
  readonly registries?: readonly string[] | undefined;
}

/** Where the loop stands. Times are counted as `Clock.elapsed` does. */
export interface LoopState {
  readonly parts: LoopParts;
  readonly entries: Map<string, LoopEntry>;
  readonly passes: BoundedPasses;
  settings: ReconcileSettings;
  wishes: readonly Wish[];
  /** When the changes told so far are gone into. */
  changesAt: number | undefined;
  listAt: number;
  /** Enrolled, no longer declared, and told. */
  undeclared: readonly string[];
  /** Since when a pass by the records runs. */
  healing: number | undefined;
  awake: AbortController;
  napUntil: number;
  isStopped: boolean;
}

// a change seldom comes alone: an editor makes three of one. More than the 50 ms in which the watch tells only the first
const DEBOUNCE_MS = 150;

/** The loop before its first turn, in which everything is looked at. */
export function createLoopState(parts: LoopParts, settings: ReconcileSettings): LoopState {
  return {
    parts,
    entries: new Map(),
    passes: createBoundedPasses(parts.clock, parts.log),
    settings,
    wishes: [{ wake: "start", kind: "all" }],
    changesAt: undefined,
    listAt: 0,
    undeclared: [],
    healing: undefined,
    awake: new AbortController(),
    napUntil: parts.clock.elapsed(),
    isStopped: false,
  };
}

/** Ends the nap. */
export function kick(loop: LoopState): void {
  loop.awake.abort();
}

/** Takes a wish; changes wait a little for those that belong to them. */
export function addWish(loop: LoopState, wish: Wish): void {
  loop.wishes = [...loop.wishes, wish];
  if (wish.wake === "change") loop.changesAt ??= loop.parts.clock.elapsed() + DEBOUNCE_MS;
  kick(loop);
}

/** The wishes whose time has come; they are taken out. */
export function takeWishes(loop: LoopState): readonly Wish[] {
  const { changesAt, parts, wishes } = loop;
  const isRipe = changesAt !== undefined && parts.clock.elapsed() >= changesAt;
  const due = wishes.filter(({ wake }) => wake !== "change" || isRipe);
  loop.wishes = wishes.filter((wish) => !due.includes(wish));
  if (isRipe) loop.changesAt = undefined;
  return due;
}
