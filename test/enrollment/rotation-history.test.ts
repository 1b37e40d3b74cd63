import * as fc from "fast-check";
import { expect, test } from "vitest";
import { parseAnchors } from "../../src/enrollment/anchors.ts";
import type { Decision } from "../../src/enrollment/decisions.ts";
import type { TrustSource } from "../../src/enrollment/declared-sources.ts";
import { followRotation, type RotationInput } from "../../src/enrollment/rotation-step.ts";
import type { SourceReading } from "../../src/enrollment/source-reading.ts";
import type { RegistryState } from "../../src/enrollment/state.ts";
import { makeAnchor, type TrustContext } from "../../src/enrollment/trust-record.ts";
import { problem } from "../../src/findings/problem.ts";
import type { Certificate } from "../../src/trust/certificate.ts";
import { judgeChain } from "../../src/trust/chain.ts";
import { showFingerprint, type Pin } from "../../src/trust/fingerprint.ts";
import { makeCA, makeKey, makeLeaf, type CertificateRequest, type Identity } from "../support/pki.ts";

const DAY = 86_400_000;
const YEAR = 365 * DAY;
const GRACE = 14 * DAY;
const HOLD_DOWN = DAY;
const START = Date.UTC(2026, 10, 24);
const name = { host: "reg.test", isAddress: false };

type Step =
  | { readonly kind: "serve"; readonly index: number }
  | { readonly kind: "announce"; readonly index: number }
  /** The registry's own trust source gives a certificate from now on. */
  | { readonly kind: "publish"; readonly index: number }
  /** For one pass, somebody who is on the server has it give another. */
  | { readonly kind: "theft"; readonly index: number }
  | { readonly kind: "withdraw" | "reboot" }
  | { readonly kind: "wait"; readonly days: number }
  /** One pass while the clock is wrong; it is right again afterwards. */
  | { readonly kind: "jump"; readonly years: number }
  | { readonly kind: "accept" | "reject" };

/** What may be served: by the registry's owner, and by somebody on the wire (`isForeign`). */
interface Served {
  readonly chain: readonly Certificate[];
  readonly isForeign: boolean;
}

const lasting: CertificateRequest = { dns: ["reg.test"], notBefore: START - 2 * YEAR, notAfter: START + 5 * YEAR };
const short: CertificateRequest = { dns: ["reg.test"], notBefore: START - DAY, notAfter: START + 90 * DAY };
const source: TrustSource = {
  kind: "well-known",
  location: "https://reg.test/.well-known/regclient/trust.pem",
  holdDownMs: HOLD_DOWN,
  isImplicit: true,
};
const unverified = {
  kind: "failed",
  problem: problem("RC-TRU-033", { source: source.location, reason: "not verified" }),
  isSilence: false,
  isUnverified: true,
} as const;
const universe = makeUniverse();

function makeUniverse(): readonly Served[] {
  const keys = [makeKey("ec"), makeKey("ec"), makeKey("ec")];
  const leaf = (key: number, request: CertificateRequest, serial: string): Identity =>
    makeLeaf({ commonName: "reg", ...request, serial, ...(keys[key] && { key: keys[key] }) });
  const old = makeCA({ commonName: "old CA", ...lasting });
  const fresh = makeCA({ commonName: "new CA", ...lasting });
  const bridge = makeCA({ commonName: "new CA", key: fresh.key, issuer: old, ...lasting });
  const byOld = makeLeaf({ commonName: "reg", issuer: old, ...lasting });
  const byFresh = makeLeaf({ commonName: "reg", issuer: fresh, ...lasting });
  const evil = makeCA({ commonName: "old CA", ...lasting });
  const byEvil = makeLeaf({ commonName: "reg", issuer: evil, ...lasting });
  const stolenName = makeCA({ commonName: "new CA", key: evil.key, issuer: old, signingKey: evil.key, ...lasting });
  const own = (...chain: readonly Identity[]): Served => ({ chain: chain.map(certificateOf), isForeign: false });
  const foreign = (...chain: readonly Identity[]): Served => ({ chain: chain.map(certificateOf), isForeign: true });
  const first = leaf(0, lasting, "01");
  return [
    own(first),
    own(leaf(0, lasting, "02")),
    own(leaf(0, short, "03")),
    own(leaf(1, lasting, "04")),
    own(leaf(1, short, "05")),
    own(leaf(2, { ...lasting, notBefore: START + 30 * DAY }, "06")),
    own(byOld, old),
    own(byFresh, bridge, fresh),
    own(byFresh, fresh),
    own(byFresh),
    foreign(makeLeaf({ commonName: "reg", ...lasting })),
    foreign(makeLeaf({ commonName: "reg", ...short })),
    foreign(makeLeaf({ commonName: "reg", ...lasting }), first),
    foreign(byEvil, evil),
    foreign(byEvil, evil, old),
    foreign(byEvil, stolenName, evil, old),
    foreign(makeLeaf({ commonName: "reg", issuer: old, signingKey: evil.key, ...lasting }), old),
  ];
}

function certificateOf({ certificate }: Identity): Certificate {
  return certificate;
}

interface World {
  state: RegistryState;
  served: Served;
  nextPins: Pin[];
  now: number;
  /** When the machine was started. */
  bootedAt: number;
  /** What the trust source gives; it is on the registry's own host. */
  given: readonly Certificate[];
  /** In truth: since when each has been given at every read that counted. */
  givenSince: Map<string, number>;
  /** Fingerprints that a person took, having been shown what is served. */
  readonly accepted: Set<string>;
  readonly log: Decision[];
}

function begin(index: number): World {
  const served = universe[index] ?? universe[0] ?? { chain: [], isForeign: false };
  const first = served.chain.at(-1);
  if (first === undefined) throw new Error("nothing to begin with");
  const anchor = makeAnchor({ now: START, by: "root" }, first, { reason: "fingerprint", evidence: "x" });
  const state = { version: 1, registry: "reg.test", enrolledAt: "", dockerConfigs: [], files: [] } as const;
  const fresh = { ...state, dockerConfigs: [], files: [], anchors: [anchor] };
  return {
    state: fresh,
    served,
    nextPins: [],
    now: START,
    bootedAt: START - DAY,
    given: [],
    givenSince: new Map(),
    accepted: new Set(),
    log: [],
  };
}

function contextOf(world: World, now: number): TrustContext {
  const { served, state } = world;
  return { name, registry: "reg.test", served: served.chain, state, graceMs: GRACE, awaited: [], now, by: "root" };
}

function isVerified(world: World, now: number): boolean {
  return judgeChain({ served: world.served.chain, anchors: parseAnchors(world.state.anchors), name, now }).ok;
}

/** One pass, with everything that must hold of any. */
function pass(world: World, now: number, accept?: Pin): void {
  const before = world.state;
  const wasVerified = isVerified(world, now);
  const wasVerifiedInTruth = isVerified(world, world.now);
  const held = parseAnchors(before.anchors);
  const readings = readSource(world, now);
  const input = { ...inputOf(world, held, readings), accept };
  const outcome = followRotation(contextOf(world, now), input);
  if (!outcome.ok) {
    expect(wasVerified && accept === undefined).toBe(false);
    return;
  }
  const { record, decisions } = outcome.value;
  const anchors = outcome.value.kind === "trusted" ? outcome.value.anchors : before.anchors;
  world.state = { ...before, ...record, anchors: [...anchors] };
  world.log.push(...decisions);
  if (accept !== undefined) for (const one of added(before, world.state)) world.accepted.add(one);
  expect(outcome.value.kind === "trusted").toBe(isVerified(world, now));
  if (wasVerified) expect(isVerified(world, now)).toBe(true);
  if (wasVerifiedInTruth) expect(isVerified(world, world.now)).toBe(true);
  for (const fingerprint of added(before, world.state)) expectVouchedFor(world, held, fingerprint, now);
  for (const fingerprint of added(world.state, before))
    expect(decisions).toContainEqual(expect.objectContaining({ what: "retired", fingerprint }));
  expectNothingMore(world, now, readings);
}

/** What is given at the end of a connection that nothing trusted verifies never comes to the decision. */
function readSource(world: World, now: number): readonly SourceReading[] {
  if (!isVerified(world, now)) return [{ source, outcome: unverified }];
  const given = world.given.map((each) => each.fingerprint);
  for (const each of world.givenSince.keys()) if (!given.includes(each)) world.givenSince.delete(each);
  for (const each of given) if (!world.givenSince.has(each)) world.givenSince.set(each, world.now);
  return [{ source, outcome: { kind: "given", certificates: world.given, verifiedBy: "sha256:x" } }];
}

function inputOf(world: World, held: readonly Certificate[], readings: readonly SourceReading[]): RotationInput {
  const uptime = world.now - world.bootedAt;
  return { held, pins: [], nextPins: world.nextPins, supplied: undefined, readings, uptime, accept: undefined };
}

function added(before: RegistryState, after: RegistryState): readonly string[] {
  const known = new Set(before.anchors.map(({ fingerprint }) => fingerprint));
  return after.anchors.map(({ fingerprint }) => fingerprint).filter((each) => !known.has(each));
}

/** An anchor is there only for one of the reasons, which is checked here anew, and by itself good enough for Go. */
function expectVouchedFor(world: World, held: readonly Certificate[], fingerprint: string, now: number): void {
  const anchor = world.state.anchors.find((each) => each.fingerprint === fingerprint);
  const [certificate] = anchor === undefined ? [] : parseAnchors([anchor]);
  if (anchor === undefined || certificate === undefined) throw new Error("an anchor is a certificate");
  expect(world.log.at(-1)?.evidence ?? "").not.toBe("");
  expect(world.log.map((each) => each.fingerprint)).toContain(fingerprint);
  if (anchor.reason === "announced") {
    const since = world.givenSince.get(certificate.fingerprint) ?? Infinity;
    expect(world.now - since).toBeGreaterThanOrEqual(HOLD_DOWN);
    expect(anchor.evidence).toContain("over a connection that sha256:x verified");
    return;
  }
  expect(judgeChain({ served: world.served.chain, anchors: [certificate], name, now }).ok).toBe(true);
  if (anchor.reason === "accepted") return expect(world.accepted).toContain(fingerprint);
  expect(world.served.isForeign).toBe(false);
  if (anchor.reason === "next-fingerprint")
    return expect(world.nextPins.map(({ hex }) => hex)).toContain(certificate.fingerprint);
  if (anchor.reason === "same-key")
    return expect(held.map((each) => each.spkiFingerprint)).toContain(certificate.spkiFingerprint);
  expect(anchor.reason).toBe("cross-signed");
  expect(certificate.subject).toBe("CN=new CA");
}

/** A second pass at the same moment changes no byte of the record. */
function expectNothingMore(world: World, now: number, readings: readonly SourceReading[]): void {
  const { state } = world;
  const held = parseAnchors(state.anchors);
  const again = followRotation(contextOf(world, now), inputOf(world, held, readings));
  if (!again.ok) return;
  expect(again.value.decisions).toEqual([]);
  if (again.value.kind === "trusted") expect(again.value.anchors).toEqual(state.anchors);
  const { pending, rejected, retired, sources, announced } = state;
  expect(again.value.record).toEqual({ pending, rejected, retired, sources, announced });
}

function take(world: World, step: Step): void {
  const [leaf] = world.served.chain;
  if (leaf === undefined) throw new Error("something is always served");
  const pin: Pin = { kind: "certificate", hex: leaf.fingerprint };
  if (step.kind === "wait") world.now += step.days * DAY;
  if (step.kind === "serve") world.served = universe[step.index] ?? world.served;
  if (step.kind === "announce") announce(world, step.index);
  if (step.kind === "publish") publish(world, step.index);
  if (step.kind === "withdraw") world.given = [];
  if (step.kind === "reboot") world.bootedAt = world.now;
  if (step.kind === "theft") return steal(world, step.index);
  if (step.kind === "reject" && world.state.pending !== undefined && world.state.pending.length > 0) {
    const rejected = { fingerprint: showFingerprint(leaf), since: "", by: "root" };
    world.state = { ...world.state, pending: [], rejected: [...(world.state.rejected ?? []), rejected] };
  }
  if (step.kind === "accept") return pass(world, world.now, pin);
  pass(world, step.kind === "jump" ? world.now + step.years * YEAR : world.now);
}

/** The owner announces only what is the owner's. */
function announce(world: World, index: number): void {
  const coming = universe[index];
  const certificate = coming?.chain.at(-1);
  if (coming === undefined || coming.isForeign || certificate === undefined) return;
  world.nextPins = [...world.nextPins, { kind: "certificate", hex: certificate.fingerprint }];
}

function publish(world: World, index: number): void {
  const coming = universe[index];
  const certificate = coming?.chain.at(-1);
  if (coming === undefined || coming.isForeign || certificate === undefined) return;
  world.given = [...world.given, certificate];
}

/** Whoever is on the server for less than the hold-down, and cannot keep its owner from reading what it says. */
function steal(world: World, index: number): void {
  const owners = world.given;
  world.given = [...owners, ...(universe[index]?.chain ?? [])];
  pass(world, world.now);
  world.given = owners;
}

const index = fc.nat({ max: universe.length - 1 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("serve"), index }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("announce"), index }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom("publish", "theft"), index }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom("withdraw", "reboot") }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("wait"), days: fc.constantFrom(0.1, 1, 7, 15, 40) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("jump"), years: fc.constantFrom(-1, 1) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom("accept", "reject") }) },
) as fc.Arbitrary<Step>;
const withoutPerson = step.filter(({ kind }) => kind !== "accept" && kind !== "reject");

test("whatever is served, announced, awaited, accepted and rejected, at whatever time: only what is vouched for is trusted", () => {
  const history = fc.property(fc.constantFrom(0, 3, 6), fc.array(step, { maxLength: 25 }), (first, steps) => {
    const world = begin(first);
    for (const each of steps) take(world, each);
    expect(world.state.anchors.length).toBeGreaterThan(0);
  });
  // the key of an anchor is announced in the very pass that retires it
  const retiring: Step[] = [
    { kind: "serve", index: 3 },
    { kind: "publish", index: 1 },
    { kind: "accept" },
    { kind: "wait", days: 15 },
  ];
  fc.assert(history, { numRuns: 150, examples: [[0, retiring]] });
}, 60_000);

test("without a person's word, nobody on the wire is ever trusted", () => {
  const foreign = new Set(universe.filter((one) => one.isForeign).map((one) => one.chain[0]?.spkiFingerprint));
  const history = fc.property(fc.constantFrom(0, 3, 6), fc.array(withoutPerson, { maxLength: 25 }), (first, steps) => {
    const world = begin(first);
    for (const each of steps) {
      take(world, each);
      if (world.served.isForeign) expect(isVerified(world, world.now)).toBe(false);
    }
    for (const each of parseAnchors(world.state.anchors)) expect(foreign).not.toContain(each.spkiFingerprint);
  });
  fc.assert(history, { numRuns: 150 });
}, 60_000);

test("announced rotations are followed for ever, and the bundle does not grow", () => {
  const world = begin(0);
  pass(world, world.now);
  for (let round = 1; round <= 20; round += 1) {
    const next = makeLeaf({ commonName: "reg", ...lasting }).certificate;
    world.nextPins = [{ kind: "certificate", hex: next.fingerprint }];
    world.now += 20 * DAY;
    pass(world, world.now);
    world.served = { chain: [next], isForeign: false };
    pass(world, world.now);
    expect(isVerified(world, world.now)).toBe(true);
    world.now += 20 * DAY;
    pass(world, world.now);
    world.now += 20 * DAY;
    pass(world, world.now);
    expect(world.state.anchors).toHaveLength(1);
  }
  expect(world.log.filter(({ what }) => what === "retired")).toHaveLength(20);
});
