import { expect, test } from "vitest";
import { problem } from "../../src/findings/problem.ts";
import type { Cancellation } from "../../src/registry/upload.ts";
import { failure, success, type Result } from "../../src/result.ts";
import { writeAccessCheck } from "../../src/smoke/light.ts";

const upload = new URL("https://reg.test/v2/a/blobs/uploads/1");
const denied = problem("RC-CFG-006", { path: "x", reason: "access was denied" });
const refused = problem("RC-PSH-001", { repository: "a", reason: "no", authority: "reg.test", status: "403" });

async function check(opened: Result<URL>, cancelled: Result<Cancellation>) {
  const notes: string[] = [];
  const given: URL[] = [];
  const client = {
    openUpload: async () => opened,
    cancelUpload: async (_: string, session: URL) => {
      given.push(session);
      return cancelled;
    },
  };
  const planned = writeAccessCheck({ client, repository: "a", note: (text) => void notes.push(text) });
  return { name: planned.name, result: await planned.run(), notes, given };
}

test.each<readonly [string, Result<Cancellation>, string, readonly string[]]>([
  ["cancelled", success("cancelled"), "upload session opened and cancelled", []],
  [
    "of a registry that cannot cancel",
    success("unsupported"),
    "upload session opened, not cancelled",
    ["an empty upload session of a stays until the registry purges it: the registry cannot cancel uploads"],
  ],
  [
    "of a registry where cancelling takes another right",
    failure(denied),
    "upload session opened, not cancelled",
    [`an empty upload session of a stays until the registry purges it: ${denied.summary}`],
  ],
])("write access is proved by an upload session that is %s", async (_, cancelled, detail, notes) => {
  expect(await check(success(upload), cancelled)).toEqual({
    name: "write access",
    result: success(detail),
    notes,
    given: [upload],
  });
});

test("who may not push fails, and nothing is cancelled", async () => {
  const { result, notes, given } = await check(failure(refused), success("cancelled"));
  expect({ result, notes, given }).toEqual({ result: failure(refused), notes: [], given: [] });
});
