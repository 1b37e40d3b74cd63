import { success, type Result } from "../result.ts";
import { discardBody, parseJson, readBody } from "./body.ts";
import { perform, type Session, type Task } from "./perform.ts";

const MOST_TAGS = 100;
const LARGEST_LIST = 1024 * 1024;
const TAG = /^\w[\w.-]{0,127}$/;

/** Tags of a repository (distribution-spec, "Listing Tags"), at most 100; undefined: there is no such repository. */
export async function listTags(session: Session, repository: string): Promise<Result<readonly string[] | undefined>> {
  const url = new URL(`https://${session.options.name.authority}/v2/${repository}/tags/list?n=${MOST_TAGS}`);
  const task: Task = { action: "pull", repository, what: `the tags of ${repository}`, expected: [200, 404] };
  const response = await perform(session, task, { method: "GET", url });
  if (!response.ok) return response;
  if (response.value.status === 404) {
    await discardBody(response.value);
    return success(undefined);
  }
  const body = await readBody(response.value, LARGEST_LIST);
  return body.ok ? success(readTags(parseJson(body.value))) : body;
}

function readTags(list: unknown): readonly string[] {
  const tags: unknown = typeof list === "object" && list !== null && "tags" in list ? list.tags : [];
  const all: readonly unknown[] = Array.isArray(tags) ? tags : [];
  return all.filter((tag): tag is string => typeof tag === "string" && TAG.test(tag)).slice(0, MOST_TAGS);
}
