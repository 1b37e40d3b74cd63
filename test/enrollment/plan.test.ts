import * as fc from "fast-check";
import { expect, test } from "vitest";
import { makeMemoryWorld, type MemoryWorld } from "../support/memory-world.ts";
import { CONFIG, enrollIn, planEnroll, planUnenroll, unenrollIn, type Planned } from "../support/planned-host.ts";
import { codeOf } from "../support/registry-client.ts";

const devregistry: Planned = { name: "devregistry", address: "10.10.62.103", vault: "sealed" };
const other: Planned = { name: "other.test:5000", address: "fd00::5", vault: "keychain" };
const third: Planned = { name: "third", address: "192.0.2.7", vault: "sealed" };
const registries = [devregistry, other, third];

const CA = "/etc/docker/certs.d/devregistry/ca.crt";
const DECLARATION = "/etc/regclient/registries.d/devregistry.yaml";
const hosts = "127.0.0.1 localhost\n";
const config = '{\n\t"auths": {\n\t\t"x": {\n\t\t\t"auth": "c2VjcmV0"\n\t\t}\n\t}\n}\n';

test("what enrolling writes", async () => {
  const world = makeMemoryWorld({ "/etc/hosts": hosts, [CONFIG]: config });
  await enrollIn(world, devregistry);
  expect(Object.keys(world.snapshot()).filter((path) => !path.startsWith("/var/lib/regclient"))).toEqual([
    "/",
    "/etc",
    "/etc/docker",
    "/etc/docker/certs.d",
    "/etc/docker/certs.d/devregistry",
    CA,
    "/etc/docker/certs.d/devregistry:443",
    "/etc/docker/certs.d/devregistry:443/ca.crt",
    "/etc/hosts",
    "/etc/regclient",
    "/etc/regclient/registries.d",
    DECLARATION,
    "/root",
    "/root/.docker",
    CONFIG,
    "/var",
    "/var/lib",
  ]);
  expect(world.read(DECLARATION)).toContain("registry: devregistry\naddress: 10.10.62.103\n");
});

const starts: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
  ["an empty host", {}],
  ["a usual host", { "/etc/hosts": hosts, [CONFIG]: config }],
  ["files without a final newline, with CRLF", { "/etc/hosts": "a\r\nb", [CONFIG]: '{\r\n"a":1}' }],
  ["empty files", { "/etc/hosts": "", [CONFIG]: "" }],
  ["an empty object", { "/etc/hosts": "", [CONFIG]: "{}" }],
  ["directories that were there", { "/etc/docker/certs.d/x/ca.crt": "x", "/etc/docker/daemon.json": "{}" }],
];

test.each(starts)("from %s: the second plan is empty, and unenrolling gives every byte back", async (_, start) => {
  for (const registry of registries) {
    const world = makeMemoryWorld({ ...start, "/var/lib/x": "" });
    const before = world.snapshot();
    await enrollIn(world, registry);
    expect((await enrollIn(world, registry)).changes).toEqual([]);
    await unenrollIn(world, registry);
    expect(world.snapshot()).toEqual(before);
    expect([...world.items]).toEqual([]);
  }
});

test.each(starts)("from %s: two registries come and go in both orders", async (_, start) => {
  for (const first of [devregistry, other]) {
    const world = makeMemoryWorld({ ...start, "/var/lib/x": "" });
    const before = world.snapshot();
    await enrollIn(world, devregistry);
    const one = world.snapshot();
    await enrollIn(world, other);
    expect((await enrollIn(world, devregistry)).changes).toEqual([]);
    await unenrollIn(world, first);
    if (first === other) expect(world.snapshot()).toEqual(one);
    await unenrollIn(world, first === other ? devregistry : other);
    expect(world.snapshot()).toEqual(before);
  }
});

test("what others wrote in between is kept when the registry goes", async () => {
  const world = makeMemoryWorld({ "/etc/hosts": hosts, [CONFIG]: config });
  await enrollIn(world, devregistry);
  world.write("/etc/hosts", `192.0.2.1 first\n${world.read("/etc/hosts")}192.0.2.2 last\n`);
  world.write(CONFIG, JSON.stringify({ ...JSON.parse(world.read(CONFIG) ?? ""), psFormat: "theirs" }));
  world.write("/etc/docker/certs.d/devregistry/client.cert", "theirs");
  await unenrollIn(world, devregistry);
  expect(world.read("/etc/hosts")).toBe(`192.0.2.1 first\n${hosts}192.0.2.2 last\n`);
  expect(JSON.parse(world.read(CONFIG) ?? "")).toEqual({ ...JSON.parse(config), psFormat: "theirs" });
  expect(Object.keys(world.snapshot()).filter((path) => path.startsWith("/etc/docker"))).toEqual([
    "/etc/docker",
    "/etc/docker/certs.d",
    "/etc/docker/certs.d/devregistry",
    "/etc/docker/certs.d/devregistry/client.cert",
  ]);
});

test("a ca.crt that was changed since stays, and its owner is told", async () => {
  const world = makeMemoryWorld({});
  await enrollIn(world, devregistry);
  world.write(CA, "somebody's");
  const { notes } = await unenrollIn(world, devregistry);
  expect(world.read(CA)).toBe("somebody's");
  expect(notes).toEqual([`${CA} was changed after regclient wrote it, so it stays as it is`]);
});

test("a ca.crt that was changed since is put right by enrolling again", async () => {
  const world = makeMemoryWorld({});
  await enrollIn(world, devregistry);
  world.write(CA, "somebody's");
  const { notes } = await enrollIn(world, devregistry);
  expect(world.read(CA)).toBe("certificate of devregistry\n");
  expect(notes).toEqual([`${CA} had been changed by something else; put right`]);
});

test("a ca.crt that somebody removed comes back, and goes with the registry", async () => {
  const world = makeMemoryWorld({ "/var/lib/x": "", "/etc/x": "" });
  const before = world.snapshot();
  await enrollIn(world, devregistry);
  world.remove(CA);
  await enrollIn(world, devregistry);
  expect(world.read(CA)).toBe("certificate of devregistry\n");
  await unenrollIn(world, devregistry);
  expect(world.snapshot()).toEqual(before);
});

test("a new bundle replaces the old one, and what was there before either comes back", async () => {
  const world = makeMemoryWorld({ [CA]: "theirs", "/var/lib/x": "", "/etc/hosts": "", [CONFIG]: "{}" });
  const before = world.snapshot();
  await enrollIn(world, devregistry, { replace: true });
  await enrollIn(world, { ...devregistry, bundle: "rotated\n" });
  expect(world.read(CA)).toBe("rotated\n");
  await unenrollIn(world, devregistry);
  expect(world.snapshot()).toEqual(before);
});

test("a moved registry's alias is moved", async () => {
  const world = makeMemoryWorld({ "/etc/hosts": hosts });
  await enrollIn(world, devregistry);
  await enrollIn(world, { ...devregistry, address: "10.0.0.9" });
  expect(world.read("/etc/hosts")).not.toContain("10.10.62.103");
  expect(world.read("/etc/hosts")).toContain("10.0.0.9\tdevregistry");
  await unenrollIn(world, devregistry);
  expect(world.read("/etc/hosts")).toBe(hosts);
});

test("an alias that is no longer declared is taken back", async () => {
  const world = makeMemoryWorld({ "/etc/hosts": hosts });
  await enrollIn(world, devregistry);
  await enrollIn(world, devregistry, { hosts: false });
  expect(world.read("/etc/hosts")).toBe(hosts);
  expect((await enrollIn(world, devregistry)).changes).toEqual([]);
});

test("a helper that is no longer declared is taken back", async () => {
  const world = makeMemoryWorld({ [CONFIG]: config });
  await enrollIn(world, devregistry);
  world.write(DECLARATION, `${world.read(DECLARATION)}credentials:\n  dockerConfig: false\n`);
  await enrollIn(world, devregistry, { configs: [] });
  expect(world.read(CONFIG)).toBe(config);
});

test("an alias goes with its registry, also when somebody has added the same line since", async () => {
  const world = makeMemoryWorld({ "/etc/hosts": hosts });
  await enrollIn(world, devregistry);
  const theirs = "10.10.62.103 devregistry\n";
  world.write("/etc/hosts", `${theirs}${world.read("/etc/hosts")}`);
  await enrollIn(world, devregistry);
  await unenrollIn(world, devregistry);
  expect(world.read("/etc/hosts")).toBe(`${theirs}${hosts}`);
});

test.each([
  ["a foreign ca.crt", { [CA]: "theirs" }, "RC-TRU-010"],
  ["a directory in its place", { [`${CA}/x`]: "" }, "RC-TRU-010"],
  ["a hosts line with another address", { "/etc/hosts": "10.0.0.1 a DevRegistry\n" }, "RC-ALI-001"],
  ["a hosts line with loopback", { "/etc/hosts": "127.0.1.1 devregistry\n" }, "RC-ALI-002"],
  ["a hosts line with the mapped loopback", { "/etc/hosts": "::ffff:127.0.0.1 devregistry\n" }, "RC-ALI-002"],
])("%s is a conflict", async (_, start, code) => {
  expect(codeOf(await planEnroll(makeMemoryWorld(start), devregistry))).toBe(code);
});

test.each([
  ["that is the same", "certificate of devregistry\n", {}],
  ["that verifies what is served", "theirs", { verifiesServed: () => true }],
])("a foreign ca.crt %s stays untouched, before and after", async (_, text, changes) => {
  const world = makeMemoryWorld({ [CA]: text });
  const { notes } = await enrollIn(world, devregistry, changes);
  expect(notes).toContain(`${CA} was there before and already makes the registry trusted; it stays as it is`);
  expect(world.read(CA)).toBe(text);
  await unenrollIn(world, devregistry);
  expect(world.read(CA)).toBe(text);
});

test("a hosts line with the same address is enough", async () => {
  const world = makeMemoryWorld({ "/etc/hosts": "10.10.62.103 devregistry\n" });
  const { notes } = await enrollIn(world, devregistry);
  expect(notes).toEqual(["/etc/hosts already gives devregistry the address 10.10.62.103"]);
  expect(world.read("/etc/hosts")).toBe("10.10.62.103 devregistry\n");
});

test("an edited declaration keeps its comments while the registry is enrolled, and goes with it", async () => {
  const world = makeMemoryWorld({ "/var/lib/x": "", "/etc/x": "", "/root/x": "" });
  const before = world.snapshot();
  await enrollIn(world, devregistry);
  world.write(DECLARATION, `${world.read(DECLARATION)}# mine\nverify:\n  mode: login # quick\n`);
  await enrollIn(world, { ...devregistry, address: "10.0.0.9" });
  expect(world.read(DECLARATION)).toContain("address: 10.0.0.9\n# mine\nverify:\n  mode: login # quick\n");
  await unenrollIn(world, devregistry);
  expect(world.snapshot()).toEqual(before);
});

test("a declaration that was there before regclient stays, as it was", async () => {
  const text = "# ours\nregistry: devregistry\nversion: 1\n";
  const world = makeMemoryWorld({ [DECLARATION]: text });
  await enrollIn(world, devregistry);
  expect(world.read(DECLARATION)).toBe(`${text}address: 10.10.62.103\n`);
  const { notes } = await unenrollIn(world, devregistry);
  expect(world.read(DECLARATION)).toBe(text);
  expect(notes[0]).toContain("reconcile will enroll devregistry again");
});

test("a config.json that stopped being JSON is left, with a note", async () => {
  const world = makeMemoryWorld({ [CONFIG]: config });
  await enrollIn(world, devregistry);
  world.write(CONFIG, "{ theirs");
  const { notes } = await planUnenroll(world, devregistry);
  expect(notes).toEqual([`${CONFIG} is not valid JSON any more, so it stays as it is`]);
});

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
});

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
    }
    await leaveAll(world, enrolled);
    const tree = JSON.stringify(world.snapshot());
    for (const token of tokens) expect(tree).toContain(token);
    expect(tree).not.toContain("regclient");
    expect(tree).not.toContain("certificate of");
    for (const line of (start["/etc/hosts"] ?? "").split(/\r?\n/))
      expect(world.read("/etc/hosts") ?? "").toContain(line);
  });
  await fc.assert(property, { numRuns: 150 });
});
