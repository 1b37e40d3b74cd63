import { enroll } from "../enrollment/enroll.ts";
import { heal } from "../enrollment/heal.ts";
import { parseAnchors } from "../enrollment/anchors.ts";
import type { Change } from "../change.ts";
import { listDeclared, listEnrolled, observeRecords } from "../enrollment/observe.ts";
import type { Pass } from "../enrollment/pass.ts";
import type { Anchor, PendingCertificate } from "../enrollment/state.ts";
import { unattended } from "../enrollment/unattended.ts";
import { parseRegistryName, type RegistryName } from "../registry/name.ts";
import { success, type Result } from "../result.ts";
import type { Certificate } from "../trust/certificate.ts";
import { showFingerprint } from "../trust/fingerprint.ts";
import type { LoopParts } from "./loop-state.ts";
import type { ExpiringCertificate, PassedRegistry } from "./pass-report.ts";

// less than what a pass by the records may take
const LOCK_TIMEOUT_S = 30;

/** What the loop does to this host. `passFor` gives the pass for a registry, whose notes it tells where they belong. */
export function createRegistryPasses(
  pass: Pass,
  passFor: (key: string, signal: AbortSignal) => Pass,
): Pick<LoopParts, "list" | "heal" | "follow" | "recall"> {
  const { files } = pass.host;
  // a vault that cannot be opened is found out once, at the first pass
  const opened = new Set<string>();
  return {
    list: async () => ({ declared: await listDeclared(files), enrolled: await listEnrolled(files) }),
    heal: async (key, signal) => withName(key, async (name) => healHost(passFor(key, signal), name)),
    follow: async (key, signal) =>
      withName(key, async (name) => {
        const done = await followRegistry(passFor(key, signal), name, opened.has(key));
        if (done.ok) opened.add(key);
        return done;
      }),
    recall: async (key) => {
      const records = await observeRecords(files, key);
      const state = records.ok ? records.value.state : undefined;
      return state && { anchors: describeAnchors(state.anchors), pending: listPending(state.pending) };
    },
  };
}

async function withName<T>(key: string, work: (name: RegistryName) => Promise<Result<T>>): Promise<Result<T>> {
  const name = parseRegistryName(key);
  return name.ok ? work(name.value) : name;
}

async function healHost(pass: Pass, name: RegistryName): Promise<Result<PassedRegistry | undefined>> {
  const done = await heal(pass, unattended(name, LOCK_TIMEOUT_S));
  if (!done.ok) return done;
  if (done.value.kind === "unknown") return success(undefined);
  const { plan, state } = done.value;
  return success({
    healed: listPaths(plan.changes),
    anchors: describeAnchors(state.anchors),
    leaf: undefined,
    pending: listPending(state.pending),
  });
}

async function followRegistry(pass: Pass, name: RegistryName, leaveLogin: boolean): Promise<Result<PassedRegistry>> {
  const before = await observeRecords(pass.host.files, name.key);
  const done = await enroll(pass, { ...unattended(name, LOCK_TIMEOUT_S), leaveLogin });
  if (!done.ok) return done;
  const { plan, anchors, served, pending } = done.value;
  const leaf = served[0];
  return success({
    healed: listPaths(plan.changes),
    ...(before.ok && before.value.state === undefined && { isFirst: true }),
    anchors: describeAnchors(anchors),
    leaf: leaf && describe(leaf),
    pending: listPending(pending),
  });
}

/** What was put right for others to see: not regclient's own records, nor the directories on the way. */
function listPaths(changes: readonly Change[]): readonly string[] {
  return changes.flatMap((change) => (change.kind === "file" && !change.internal ? [change.path] : []));
}

/** What nothing needs any more may end unnoticed. */
function describeAnchors(anchors: readonly Anchor[]): readonly ExpiringCertificate[] {
  return parseAnchors(anchors.filter(({ unneededSince }) => unneededSince === undefined)).map(describe);
}

function describe(certificate: Certificate): ExpiringCertificate {
  const { notAfter, notBefore } = certificate;
  return { fingerprint: showFingerprint(certificate), notAfter, notBefore };
}

function listPending(pending: readonly PendingCertificate[] | undefined): readonly string[] {
  return (pending ?? []).map(({ fingerprint }) => fingerprint);
}
