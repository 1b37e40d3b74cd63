import { isJournalThere, whileLocked } from "../apply/locked.ts";
import type { Credential } from "../credentials/vault.ts";
import type { Route } from "../registry/connection.ts";
import { success, type Result } from "../result.ts";
import type { Certificate } from "../trust/certificate.ts";
import { commitPlan, tellNotes } from "./commit.ts";
import { planStoring } from "./credential-step.ts";
import type { Declaration } from "./declaration.ts";
import type { EnrollRequest, Pass } from "./pass.ts";
import type { Plan } from "./plan.ts";
import { planFor, prepareEnrolment, type Prepared } from "./prepare.ts";
import type { Trust, Waiting } from "./trust-step.ts";
import { refuseWaiting } from "./waiting.ts";
import { readWord, sameWord, type Word } from "./word.ts";

/** What an enrollment came to. */
export interface Enrolled {
  readonly declaration: Declaration;
  readonly route: Route;
  readonly plan: Plan;
  readonly anchors: Trust["anchors"];
  readonly roots: readonly Certificate[];
  /** What the registry shows, leaf first. */
  readonly served: readonly Certificate[];
  /** What waits for a person's word, seen on another day perhaps. */
  readonly pending: Trust["record"]["pending"];
  readonly credential: Credential | undefined;
  /** The registry has just accepted the credential. */
  readonly isProved: boolean;
  /** Token servers that the credential may go to. */
  readonly realms: readonly string[];
  /** The credential may go only to whom `roots` vouch for, whatever lies in the tree. */
  readonly isTreeUnheard: boolean;
}

const MOST_ATTEMPTS = 3;

/**
 * One pass: declare, observe, decide, plan, apply. Trust and login are proved over the network before the first file is
 * touched, so that a refusal leaves the host as it was. The lock is not held while the network or a person is waited for:
 * what was decided on is read again under the lock, and if it has changed by then, the pass begins anew.
 */
export async function enroll(pass: Pass, request: EnrollRequest): Promise<Result<Enrolled>> {
  if (request.dryRun) return enrollOnce(pass, request);
  // what an interrupted run left is cleaned up before anything is looked at; a person is told early that it cannot be
  if (request.mustBeDeclared !== true || (await isJournalThere(pass.host.files))) {
    const settled = await locked(pass, request, async () => success(undefined));
    if (!settled.ok) return settled;
  }
  for (let attempt = 1; attempt < MOST_ATTEMPTS; attempt++) {
    const tried = await tryEnrolment(pass, request);
    if (!tried.ok) return tried;
    if (tried.value !== "overtaken") return success(tried.value);
    pass.watch.note(`${request.name.key} was changed meanwhile by another regclient, so this begins anew`);
  }
  return locked(pass, request, async () => enrollOnce(pass, request));
}

function locked<T>(pass: Pass, request: EnrollRequest, work: () => Promise<Result<T>>): Promise<Result<T>> {
  return whileLocked(pass, request.lockTimeoutMs, pass.watch, work);
}

/** From the beginning to the end: under a lock that is held all the time, or changing nothing. */
async function enrollOnce(pass: Pass, request: EnrollRequest): Promise<Result<Enrolled>> {
  const word = await readWord(pass.host.files, request);
  if (!word.ok) return word;
  const prepared = await prepareEnrolment(pass, request, word.value);
  return prepared.ok ? carryOut(pass, request, word.value, prepared.value) : prepared;
}

async function tryEnrolment(pass: Pass, request: EnrollRequest): Promise<Result<Enrolled | "overtaken">> {
  const word = await readWord(pass.host.files, request);
  if (!word.ok) return word;
  const prepared = await prepareEnrolment(pass, request, word.value);
  if (!prepared.ok) return prepared;
  const idle = await findIdle(pass, request, word.value, prepared.value);
  if (idle !== undefined) return success(idle);
  return locked<Enrolled | "overtaken">(pass, request, async () => {
    const now = await readWord(pass.host.files, request);
    if (!now.ok || !sameWord(word.value, now.value)) return success("overtaken");
    return carryOut(pass, request, now.value, prepared.value);
  });
}

/** Of a pass that nobody asked for, most find the host as it is to be: then there is nothing to lock. */
async function findIdle(
  pass: Pass,
  request: EnrollRequest,
  word: Word,
  prepared: Prepared | Waiting,
): Promise<Enrolled | undefined> {
  if (request.mustBeDeclared !== true || prepared.kind === "waiting") return undefined;
  const plan = await planPrepared(pass, request, word, prepared);
  if (!plan.ok || plan.value.changes.length > 0) return undefined;
  tellNotes(pass, plan.value);
  return describeEnrolled(word, prepared, plan.value);
}

async function carryOut(
  pass: Pass,
  request: EnrollRequest,
  word: Word,
  prepared: Prepared | Waiting,
): Promise<Result<Enrolled>> {
  if (prepared.kind === "waiting") return refuseWaiting(pass, request, word.records, prepared);
  const plan = await planPrepared(pass, request, word, prepared);
  if (!plan.ok) return plan;
  if (request.dryRun) tellNotes(pass, plan.value);
  const committed = request.dryRun ? plan : await commitPlan(pass, `enroll ${request.name.key}`, plan.value);
  return committed.ok ? success(describeEnrolled(word, prepared, plan.value)) : committed;
}

function describeEnrolled(word: Word, prepared: Prepared, plan: Plan): Enrolled {
  const { route, trust, login, realms, isTreeUnheard } = prepared;
  return {
    declaration: declarationOf(word, prepared),
    route,
    plan,
    anchors: trust.anchors,
    roots: trust.roots,
    served: trust.served,
    pending: trust.record.pending,
    credential: login.found?.credential,
    isProved: login.isProved,
    realms,
    isTreeUnheard,
  };
}

/** A login that was moved out of a Docker config brings its user along. */
function declarationOf({ declaration }: Word, { login }: Prepared): Declaration {
  const username = login.found?.credential.username;
  if (username === undefined || declaration.credentials.username !== undefined) return declaration;
  return { ...declaration, credentials: { ...declaration.credentials, username } };
}

async function planPrepared(pass: Pass, request: EnrollRequest, read: Word, prepared: Prepared): Promise<Result<Plan>> {
  const word = { ...read, declaration: declarationOf(read, prepared) };
  const { found } = prepared.login;
  const storing =
    found === undefined
      ? success(undefined)
      : await planStoring(pass, request, word.declaration, word.records.state, found);
  if (!storing.ok) return storing;
  return planFor(pass, request, word, prepared, {
    kept: found?.credential,
    storing: storing.value,
    open: prepared.open,
  });
}
