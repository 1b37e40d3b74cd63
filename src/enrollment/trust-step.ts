import { problem, type Problem } from "../findings/problem.ts";
import { openMachineFiles } from "../host/machine-files.ts";
import { contactRegistry, type Route } from "../registry/connection.ts";
import { failure, success, type Result } from "../result.ts";
import type { Certificate } from "../trust/certificate.ts";
import { decideFirstContact, type TrustEvidence, type TrustVerdict } from "../trust/first-contact.ts";
import { parseFingerprint, pinMatches, showFingerprint, showPin, type Pin } from "../trust/fingerprint.ts";
import { readSystemStore } from "../trust/system-store.ts";
import { parseAnchors } from "./anchors.ts";
import type { Declaration } from "./declaration.ts";
import { parseDuration } from "./duration.ts";
import type { EnrollRequest, Pass } from "./pass.ts";
import { followRotation, rememberedOf } from "./rotation-step.ts";
import { readSources } from "./source-reading.ts";
import { followSources } from "./source-record.ts";
import type { Anchor, RegistryState } from "./state.ts";
import { readSupplied } from "./supplied.ts";
import { makeAnchor, settleTrust, type SettledTrust, type TrustContext } from "./trust-record.ts";

/** What the host will trust for a registry. */
export interface Trust extends SettledTrust {
  readonly kind: "trusted";
  readonly served: readonly Certificate[];
  /** What connections are verified against, as Docker would. `anchors` are empty when the system's CAs vouch. */
  readonly roots: readonly Certificate[];
}

/** Whom to trust is decided: a login can be tried while what is to be remembered of it is still being found out. */
export interface Trusted extends Pick<Trust, "roots"> {
  readonly kind: "trusted";
  /** Reads what is announced to come, where that was no part of the decision. To be called once. */
  readonly settle: () => Promise<Trust>;
}

/** An enrolled registry shows what only a person can vouch for: that is remembered, and nothing else is changed. */
export interface Waiting extends Omit<SettledTrust, "anchors"> {
  readonly kind: "waiting";
  readonly problem: Problem;
}

/**
 * Looks at what the registry serves and decides whether it is to be trusted, on whose word. What an enrolled registry
 * serves is measured by what is trusted already, unless somebody says anew what to trust.
 */
export async function establishTrust(
  pass: Pass,
  request: EnrollRequest,
  route: Route,
  declaration: Declaration,
  state: RegistryState | undefined,
): Promise<Result<Trusted | Waiting>> {
  const { clock, caller } = pass.host;
  const supplied = await readSupplied(pass, request, declaration);
  if (!supplied.ok) return supplied;
  const held = parseAnchors(state?.anchors ?? []);
  const isFollowed = held.length > 0 && !isSaidAnew(request);
  pass.watch.begin(`reading the certificate of ${route.name.authority}`);
  const contact = await contactRegistry(pass.host, route, isFollowed ? held : []);
  if (!contact.ok) return contact;
  const { served, connection } = contact.value;
  const context: TrustContext = {
    name: route.name,
    registry: route.name.key,
    served,
    state,
    graceMs: parseDuration(declaration.trust.grace) ?? 0,
    awaited: (supplied.value?.certificates ?? []).map(showFingerprint),
    now: clock.now(),
    by: caller.login,
  };
  const said = { supplied: supplied.value, pins: toPins(declaration.trust.fingerprints) };
  const next = toPins(declaration.trust.nextFingerprints);
  if (isFollowed) {
    const readings = await readSources(pass, route, declaration, state, held, connection);
    const { accept } = request;
    const input = { ...said, held, nextPins: next, readings, uptime: pass.host.uptime(), accept };
    const followed = followRotation(context, input);
    if (!followed.ok || followed.value.kind === "waiting") return followed as Result<Waiting>;
    const trust = followed.value;
    return success({ kind: "trusted", roots: trust.roots, settle: async () => trust });
  }
  if (request.accept !== undefined) return failure(nothingWaits(context, request.accept));
  // a host that is set up after a rotation has only the new certificate to see
  const pins = [...said.pins, ...next.filter((pin) => served.some((each) => pinMatches(pin, each)))];
  const verdict = await contactFirst(pass, request, context, { ...said, held, pins });
  return carryOut(pass, request, verdict, { context, held, route, declaration });
}

function isSaidAnew({ supplied, caUrl, overrides }: EnrollRequest): boolean {
  return supplied !== undefined || caUrl !== undefined || overrides.fingerprints !== undefined;
}

function nothingWaits({ registry }: TrustContext, accept: Pin): Problem {
  const reason = "the system's own CAs vouch for the registry, so nothing waits for a decision";
  return problem("RC-TRU-017", { name: registry, given: showPin(accept), reason });
}

async function contactFirst(
  pass: Pass,
  request: EnrollRequest,
  context: TrustContext,
  said: Pick<TrustEvidence, "supplied" | "pins" | "held">,
): Promise<Contact> {
  const isNeeded = said.supplied === undefined && said.pins.length === 0;
  // never those of a tree, which may be from others
  const system = isNeeded ? await readSystemStore(openMachineFiles(pass.host.files)) : [];
  const verdict = decideFirstContact({
    ...said,
    name: context.name,
    authority: context.registry,
    served: context.served,
    system: () => system,
    firstUse: request.firstUse,
    now: context.now,
  });
  return { verdict, system };
}

interface Contact {
  readonly verdict: TrustVerdict;
  readonly system: readonly Certificate[];
}

interface Seen {
  readonly context: TrustContext;
  readonly held: readonly Certificate[];
  readonly route: Route;
  readonly declaration: Declaration;
}

async function carryOut(
  pass: Pass,
  request: EnrollRequest,
  { verdict, system }: Contact,
  seen: Seen,
): Promise<Result<Trusted>> {
  const { context, held } = seen;
  const settle = (now: TrustContext, anchors: readonly Anchor[], roots: readonly Certificate[]): Trust => ({
    kind: "trusted",
    served: context.served,
    roots,
    ...settleTrust(now, anchors, "trusted"),
  });
  const trust = (anchors: readonly Anchor[], roots: readonly Certificate[]): Result<Trusted> =>
    success({
      kind: "trusted",
      roots,
      settle: async () => {
        const now = anchors.length === 0 ? { ...context, followed: [] } : await readAnew(pass, seen, roots);
        return settle(now, anchors, roots);
      },
    });
  switch (verdict.kind) {
    case "held":
      return success({
        kind: "trusted",
        roots: held,
        settle: async () => settle(context, context.state?.anchors ?? [], held),
      });
    case "system":
      pass.watch.note("the system's own CAs vouch for the registry, so no certificate is installed");
      return trust([], system);
    case "refused":
      return failure(verdict.problem);
    case "trusted":
      return trust(
        verdict.anchors.map((each) => makeAnchor(context, each, verdict)),
        verdict.anchors,
      );
    case "ask": {
      const confirmed = await request.confirm?.(verdict.candidates);
      if (confirmed === undefined) return failure(verdict.refusal);
      const why = { reason: "confirmed", evidence: "compared at a terminal" } as const;
      return trust([makeAnchor(context, confirmed, why)], [confirmed]);
    }
  }
}

/**
 * The hold-down of what is announced begins with trust. What was announced by those who were trusted before is no word of
 * theirs who are trusted now: it begins anew.
 */
async function readAnew(
  pass: Pass,
  { context, route, declaration }: Seen,
  held: readonly Certificate[],
): Promise<TrustContext> {
  const readings = await readSources(pass, route, declaration, undefined, held);
  const known = { ...rememberedOf(context.state), held, state: undefined, uptime: pass.host.uptime() };
  const followed = followSources(readings, { ...context, ...known });
  return { ...context, followed };
}

function toPins(texts: readonly string[]): readonly Pin[] {
  return texts.flatMap((text) => {
    const pin = parseFingerprint(text);
    return pin.ok ? [pin.value] : [];
  });
}
