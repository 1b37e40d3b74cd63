import { failure, type Result } from "../result.ts";
import type { Authorizer, ClientOptions } from "./authorize.ts";
import { explainRefusal, type Operation } from "./errors.ts";
import type { HttpRequest, HttpResponse } from "./http.ts";

/** One client's options and what it has learned of logging in. */
export interface Session {
  readonly options: ClientOptions;
  readonly authorizer: Authorizer;
}

/** What is to be done, and the statuses that mean it was. */
export interface Task extends Pick<Operation, "action" | "repository" | "what"> {
  readonly size?: number;
  /** Bytes of a streamed body that have been sent so far. */
  readonly sent?: () => number;
  readonly expected: readonly number[];
}

/** Sends one request for a repository, with the rights it needs; any other status than the expected is a Problem. */
export async function perform(session: Session, task: Task, request: HttpRequest): Promise<Result<HttpResponse>> {
  const { options, authorizer } = session;
  const sent = await authorizer.send(request, scopeOf(task));
  if (!sent.ok || task.expected.includes(sent.value.status)) return sent;
  const hasCredentials = options.credentials !== undefined;
  return failure(await explainRefusal({ ...task, name: options.name, hasCredentials }, sent.value));
}

// a push always reads too: it asks whether a blob is there
function scopeOf({ action, repository }: Task): string {
  const actions = { pull: "pull", push: "pull,push", delete: "delete" } as const;
  return `repository:${repository}:${actions[action]}`;
}
