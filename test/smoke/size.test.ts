import { expect, test } from "vitest";
import { parseSize, showBytes } from "../../src/smoke/size.ts";

test.each([
  ["1", 1],
  ["1024", 1024],
  ["1048576b", 1048576],
  ["10k", 10_000],
  ["10M", 10_000_000],
  ["10 MB", 10_000_000],
  ["10mb", 10_000_000],
  ["1.5G", 1_500_000_000],
  ["10Ki", 10_240],
  ["10MiB", 10_485_760],
  ["1GiB", 1_073_741_824],
  ["64G", 64_000_000_000],
])("--size %s is %d bytes", (text, bytes) => {
  expect(parseSize(text)).toBe(bytes);
});

test.each([
  ["", "not a number"],
  ["0", "not between 1 byte and 64 GB"],
  ["-1", "not a number"],
  ["ten", "not a number"],
  ["1e9", "not a number"],
  ["0x10", "not a number"],
  ["Infinity", "not a number"],
  ["10T", "not a number"],
  ["65G", "not between"],
  ["999999999999999", "not between"],
  ["1.5", "not a whole number"],
  ["0.0001k", "not a whole number"],
  ["1bb", "not a number"],
  ["1 k B", "not a number"],
])("--size %j is refused", (text, reason) => {
  expect(parseSize(text)).toMatchObject({ reason: expect.stringContaining(reason) as unknown });
});

test.each([
  [1, "1 bytes"],
  [1024, "1 kB"],
  [1_500_000, "1.5 MB"],
  [100_000_000, "100 MB"],
  [64_000_000_000, "64 GB"],
])("%d bytes are shown as %s", (bytes, text) => {
  expect(showBytes(bytes)).toBe(text);
});
