import { expect, test } from "vitest";
import { readLookupFailure } from "../../src/host/node-host.ts";

test.each([
  ["ENOTFOUND", []],
  ["EAI_FAIL", []],
  ["EAI_AGAIN", undefined],
])("a look-up that fails with %s gives %j", (code, addresses) => {
  expect(readLookupFailure(code)).toEqual(addresses);
});
