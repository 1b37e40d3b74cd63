import * as fc from "fast-check";
import { expect, test } from "vitest";
import { statePaths } from "../../src/enrollment/state.ts";
import { makeMemoryWorld, type MemoryWorld } from "../support/memory-world.ts";
import { CONFIG, enrollIn, unenrollIn } from "../support/planned-host.ts";
import { devregistry, registries, starts } from "../support/planned-starts.ts";

type Step =
  | { readonly kind: "enroll" | "unenroll"; readonly index: number }
  | { readonly kind: "edit"; readonly where: "head" | "tail" | "config" | "reformat" | "directory" };

const passes = fc.record({ kind: fc.constantFrom("enroll", "unenroll"), index: fc.nat(2) } as const);
const edits = fc.record({
  kind: fc.constant("edit"),
  where: fc.constantFrom("head", "tail", "config", "reformat", "directory"),
} as const);

async function take(world: MemoryWorld, step: Step, enrolled: Set<number>, token: string): Promise<void> {
  if (step.kind === "edit") return edit(world, step.where, token);
  const registry = registries[step.index] ?? devregistry;
  if (step.kind === "enroll") {
    await enrollIn(world, registry);
    expect((await enrollIn(world, registry)).changes).toEqual([]);
    enrolled.add(step.index);
  } else if (enrolled.delete(step.index)) await unenrollIn(world, registry);
}

function edit(world: MemoryWorld, where: string, token: string): void {
  const hostsText = world.read("/etc/hosts") ?? "";
  const json: object = JSON.parse(world.read(CONFIG) || "{}") as object;
  if (where === "head") world.write("/etc/hosts", `192.0.2.1 ${token}\n${hostsText}`);
  else if (where === "tail") world.write("/etc/hosts", `${hostsText}\n192.0.2.1 ${token}`);
  else if (where === "config") world.write(CONFIG, JSON.stringify({ ...json, [token]: token }, undefined, 3));
  else if (where === "reformat") world.write(CONFIG, JSON.stringify(json));
  else world.write(`/etc/docker/certs.d/devregistry/${token}`, token);
}

/** All that the records keep of what stood in shared files. */
function recordedBytes(world: MemoryWorld): string {
  const removed = (world.read(statePaths.shared) ?? "").matchAll(/"removed": "([^"]*)"/g);
  return [...removed].map(([, base64]) => Buffer.from(base64 ?? "", "base64").toString()).join();
}

async function leaveAll(world: MemoryWorld, enrolled: Set<number>): Promise<void> {
  for (const index of enrolled) await unenrollIn(world, registries[index] ?? devregistry);
}

const worldStart = fc.constantFrom(...starts.map(([, start]) => start));

test("any sequence of enrolling and unenrolling comes back to the start, to the byte", async () => {
  const property = fc.asyncProperty(worldStart, fc.array(passes, { maxLength: 10 }), async (start, steps) => {
    const world = makeMemoryWorld({ ...start, "/var/lib/x": "" });
    const before = world.snapshot();
    const enrolled = new Set<number>();
    for (const step of steps) await take(world, step, enrolled, "");
    await leaveAll(world, enrolled);
    expect(world.snapshot()).toEqual(before);
    expect([...world.items]).toEqual([]);
  });
  await fc.assert(property, { numRuns: 60 });
}, 60_000);

test("whatever others write in between is still there at the end, and nothing of regclient's is", async () => {
  const step = fc.oneof(passes, edits);
  const property = fc.asyncProperty(worldStart, fc.array(step, { maxLength: 12 }), async (start, steps) => {
    const world = makeMemoryWorld({ ...start, "/var/lib/x": "" });
    const enrolled = new Set<number>();
    const tokens: string[] = [];
    for (const [index, each] of steps.entries()) {
      const token = `foreign-${index}-`;
      if (each.kind === "edit" && each.where !== "reformat") tokens.push(token);
      await take(world, each, enrolled, token);
      expect(recordedBytes(world)).not.toContain("foreign");
    }
    await leaveAll(world, enrolled);
    const tree = JSON.stringify(world.snapshot());
    for (const token of tokens) expect(tree).toContain(token);
    expect(tree).not.toContain("regclient");
    expect(tree).not.toContain("certificate of");
    expect(tree).not.toContain("credsStore");
    for (const line of (start["/etc/hosts"] ?? "").split(/\r?\n/))
      expect(world.read("/etc/hosts") ?? "").toContain(line);
  });
  await fc.assert(property, { numRuns: 150 });
}, 60_000);
