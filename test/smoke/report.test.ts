import { createHash } from "node:crypto";
import { deflateSync } from "node:zlib";
import { expect, test } from "vitest";
import { createPainter } from "../../src/cli/output/paint.ts";
import { verificationText } from "../../src/cli/output/verification-text.ts";
import { problem } from "../../src/findings/problem.ts";
import { failure, success } from "../../src/result.ts";
import {
  describeContent,
  EMPTY_CONFIG,
  makeContent,
  makeManifest,
  smokeTag,
  type Content,
} from "../../src/smoke/artifact.ts";
import { firstProblem, runChecks, type PlannedCheck } from "../../src/smoke/report.ts";
import { makeFakeHost } from "../support/fake-host.ts";

const lost = problem("RC-NET-001", { host: "reg.test" });
const good = (name: string): PlannedCheck => ({ name, run: async () => success("fine") });
const bad = (name: string): PlannedCheck => ({ name, run: async () => failure(lost) });

test("after a failure the rest is skipped, but for what cleans up", async () => {
  const { clock } = makeFakeHost({ root: "/" });
  const begun: string[] = [];
  const planned = [good("a"), bad("b"), good("c"), { ...good("d"), always: true }, good("e")];
  const checks = await runChecks(clock, planned, (name) => void begun.push(name));
  expect(begun).toEqual(["a", "b", "d"]);
  expect(checks.map(({ name, status }) => `${name} ${status}`)).toEqual([
    "a passed",
    "b failed",
    "c skipped",
    "d passed",
    "e skipped",
  ]);
  const report = {
    registry: "reg.test",
    mode: "pull",
    startedAt: "2026-11-24T00:00:00.000Z",
    ok: false,
    ways: [{ via: "direct", checks }],
    notes: [],
  } as const;
  expect(firstProblem(report)).toBe(lost);
  expect(verificationText(report, createPainter(false))).toBe(`reg.test does not work from this host (pull)
  ✓  direct  a  0 ms  fine
  ✗  direct  b  0 ms  ${lost.summary}
  –  direct  c        an earlier check failed
  ✓  direct  d  0 ms  fine
  –  direct  e        an earlier check failed
`);
});

test("the time a check takes is measured", async () => {
  const { clock } = makeFakeHost({ root: "/" });
  const slow = { name: "slow", run: async () => success(String(await clock.sleep(1234))) };
  expect((await runChecks(clock, [slow], () => undefined))[0]?.took).toBe(1234);
});

async function bytesOf(content: Content): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of content.body()) chunks.push(chunk);
  return Buffer.concat(chunks);
}

test.each([1, 1024, 65_536, 65_537, 300_000])(
  "content of %d bytes: unique, incompressible, and the same each time",
  async (size) => {
    const content = makeContent(size);
    const bytes = await bytesOf(content);
    expect(bytes).toHaveLength(size);
    expect((await bytesOf(content)).equals(bytes)).toBe(true);
    expect(deflateSync(bytes).length).toBeGreaterThanOrEqual(size);
    if (size >= 1024) expect((await bytesOf(makeContent(size))).equals(bytes)).toBe(false);
  },
);

test("the manifest is a valid OCI one", () => {
  const content = describeContent(`sha256:${"a".repeat(64)}`, 5_000_000_000);
  const made = makeManifest(content, EMPTY_CONFIG, "2026-11-24T00:00:00.000Z");
  const { bytes, ...config } = EMPTY_CONFIG;
  expect(bytes.toString()).toBe("{}");
  expect(JSON.parse(Buffer.from(made.bytes).toString())).toEqual({
    schemaVersion: 2,
    mediaType: made.mediaType,
    artifactType: content.mediaType,
    config,
    layers: [content],
    annotations: {
      "org.opencontainers.image.title": "regclient verification",
      "org.opencontainers.image.created": "2026-11-24T00:00:00.000Z",
    },
  });
  expect(made.digest).toBe(`sha256:${createHash("sha256").update(made.bytes).digest("hex")}`);
});

test.each([
  ["client-1", "verify-client-1"],
  ["Client_1.lan", "verify-Client_1.lan"],
  ["a b/c:d", "verify-a-b-c-d"],
  ["bücher", "verify-b-cher"],
  ["x".repeat(200), `verify-${"x".repeat(121)}`],
])("the tag of host %j is one that registries take", (hostname, tag) => {
  expect(smokeTag(hostname)).toBe(tag);
  expect(tag).toMatch(/^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/);
});
