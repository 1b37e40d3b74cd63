import { expect, test } from "vitest";
import { problem, type Problem } from "../../src/findings/problem.ts";
import type { Deletion } from "../../src/registry/blobs.ts";
import { failure, success, type Result } from "../../src/result.ts";
import { deletePushed } from "../../src/smoke/clean-up.ts";

const denied: Problem = problem("RC-CFG-006", { path: "x", reason: "access was denied" });

test.each<readonly [string, Result<Deletion>, string, number]>([
  ["that deletes", success("deleted"), "deleted", 0],
  ["where it is gone already", success("absent"), "deleted", 0],
  ["that has deletion switched off", success("unsupported"), "stays: the registry allows no deletion", 1],
  ["that refuses for another reason", failure(denied), `stays: ${denied.summary}`, 1],
])("cleaning up in a registry %s says what became of it", async (_, answer, detail, noted) => {
  const notes: string[] = [];
  const client = { deleteManifest: async () => answer };
  const cleaned = await deletePushed(
    { client, repository: "a", size: 1024, note: (text) => void notes.push(text) },
    "v1",
    "sha256:0",
  );
  expect(cleaned).toEqual(success(detail));
  expect(notes).toHaveLength(noted);
  for (const note of notes) expect(note).toContain(detail.replace("stays: ", ""));
});
