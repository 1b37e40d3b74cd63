import { whileLocked } from "../apply/locked.ts";
import { problem } from "../findings/problem.ts";
import type { RegistryName } from "../registry/name.ts";
import { failure, success, type Result } from "../result.ts";
import { pinMatches, showPin, type Pin } from "../trust/fingerprint.ts";
import { parseAnchors } from "./anchors.ts";
import { commitPlan } from "./commit.ts";
import { readEnrolled } from "./enrolled.ts";
import { observeHost, observeRecords, type Records } from "./observe.ts";
import type { Pass } from "./pass.ts";
import type { Plan } from "./plan.ts";
import { planTrustRecord } from "./plan-decisions.ts";
import type { AnnouncedCertificate, PendingCertificate, RegistryState } from "./state.ts";
import { decide } from "./trust-record.ts";

/**
 * Turns down a certificate that waits, or one of its chain, or one that is announced: while the registry shows it, nobody
 * is asked again, and no source makes it trusted. One that does not wait is the problem RC-TRU-017; one that was turned down before is no change.
 */
export async function rejectPending(
  pass: Pass,
  name: RegistryName,
  pin: Pin,
  lockTimeoutMs: number,
): Promise<Result<Plan>> {
  return whileLocked(pass, lockTimeoutMs, pass.watch, async () => {
    const enrolled = await readEnrolled(pass, name);
    if (!enrolled.ok) return enrolled;
    const { state } = enrolled.value;
    const fingerprint = showPin(pin);
    if (state.rejected?.some((each) => each.fingerprint === fingerprint)) return success({ changes: [], notes: [] });
    const waiting = (state.pending ?? []).filter((each) => hasInChain(each, pin));
    const announced = (state.announced ?? []).filter((each) => each.fingerprint === fingerprint);
    const isTrusted = state.anchors.some((each) => each.fingerprint === fingerprint);
    if (waiting.length + announced.length === 0 || isTrusted || pin.kind !== "certificate") {
      const reason = isTrusted ? "it is trusted" : "no certificate with this fingerprint waits for a decision";
      return failure(problem("RC-TRU-017", { name: name.key, given: fingerprint, reason }));
    }
    const records = await observeRecords(pass.host.files, name.key);
    return records.ok
      ? carryOut(pass, name, { state, records: records.value, fingerprint, waiting, announced })
      : records;
  });
}

function hasInChain(pending: PendingCertificate, pin: Pin): boolean {
  const { fingerprint, chain } = pending;
  return parseAnchors([{ fingerprint, pem: chain }]).some((each) => pinMatches(pin, each));
}

interface Rejection {
  readonly state: RegistryState;
  readonly records: Records;
  readonly fingerprint: string;
  readonly waiting: readonly PendingCertificate[];
  readonly announced: readonly AnnouncedCertificate[];
}

async function carryOut(pass: Pass, name: RegistryName, rejection: Rejection): Promise<Result<Plan>> {
  const { state, records, fingerprint, waiting, announced } = rejection;
  const { files, caller, clock } = pass.host;
  const now = clock.now();
  const since = new Date(now).toISOString();
  const record = {
    pending: (state.pending ?? []).filter((each) => !waiting.includes(each)),
    announced: (state.announced ?? []).filter((each) => !announced.includes(each)),
    rejected: [...(state.rejected ?? []), { fingerprint, since, by: caller.login }],
  };
  const seen = [...waiting, ...announced].map((each) => `${each.subject}, first seen ${each.firstSeen}`).join("; ");
  const decision = decide({ now, by: caller.login, registry: name.key }, "rejected", fingerprint, {
    reason: "a person's word",
    evidence: seen,
  });
  const view = await observeHost({ files }, name, records, []);
  const owner = { uid: caller.uid, gid: caller.gid };
  const plan = planTrustRecord({ view, state, shared: records.shared, owner, record, decisions: [decision] });
  return commitPlan(pass, `trust reject ${name.key}`, plan);
}
