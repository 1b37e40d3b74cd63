import { expect, test } from "vitest";
import { statePaths } from "../../src/enrollment/state.ts";
import { makeMemoryWorld, type MemoryWorld } from "../support/memory-world.ts";
import { CONFIG, enrollIn, planEnroll, planUnenroll, unenrollIn } from "../support/planned-host.ts";
import { config, devregistry, hosts, other, registries, starts } from "../support/planned-starts.ts";
import { codeOf } from "../support/registry-client.ts";

const CA = "/etc/docker/certs.d/devregistry/ca.crt";
const DECLARATION = "/etc/regclient/registries.d/devregistry.yaml";
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

test("a keychain item that a record names, and that is none of its registry, stays", async () => {
  const world = makeMemoryWorld({ "/etc/hosts": hosts, "/var/lib/x": "" });
  await enrollIn(world, { ...devregistry, vault: "keychain" });
  const record = "/var/lib/regclient/registries/devregistry.json";
  const tampered = (world.read(record) ?? "").replace('"devregistry xl"', '"own other.test"');
  world.write(record, tampered);
  const plan = await planUnenroll(world, devregistry);
  expect(plan.changes.filter(({ kind }) => kind === "discard-secret")).toEqual([]);
  expect(plan.notes).toContain('the keychain item "own other.test" is none of devregistry, so it stays');
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
    // what was decided stays on record while any registry is enrolled
    const decided = { [statePaths.decisions]: world.snapshot()[statePaths.decisions] };
    if (first === other) expect(world.snapshot()).toEqual({ ...one, ...decided });
    await unenrollIn(world, first === other ? devregistry : other);
    expect(world.snapshot()).toEqual(before);
  }
});

test("the default store written down for the first registry goes with the last, whoever edited in between", async () => {
  const world = makeMemoryWorld({ [CONFIG]: '{"psFormat":"x"}' });
  await enrollIn(world, devregistry);
  await enrollIn(world, other);
  const edited = { ...(JSON.parse(world.read(CONFIG) ?? "") as object), mine: 1 };
  expect(edited).toMatchObject({ credsStore: "secretservice" });
  world.write(CONFIG, JSON.stringify(edited));
  await unenrollIn(world, devregistry);
  expect(JSON.parse(world.read(CONFIG) ?? "")).toMatchObject({ credsStore: "secretservice", mine: 1 });
  await unenrollIn(world, other);
  expect(JSON.parse(world.read(CONFIG) ?? "")).toEqual({ psFormat: "x", mine: 1 });
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

const KEY = "-----BEGIN EC PRIVATE KEY-----\nMHcCAQEEIA==\n-----END EC PRIVATE KEY-----\n";

test.each([
  ["a private key", `theirs\n${KEY}`, 0o644, "RC-TRU-020"],
  [
    "a private key that is no text",
    "\u0030\u0009\u0002\u0001\u0001\u0004\u0004\u0000\u0000\u0000\u0000",
    0o644,
    "RC-TRU-020",
  ],
  ["what not everybody may read", "theirs", 0o640, "RC-TRU-021"],
])("%s is not taken from a ca.crt into records that everybody can read", async (_, text, mode, code) => {
  const write = (world: MemoryWorld): void => {
    world.write(CA, text);
    const before = { bytes: Buffer.from(text), mode: 0o644, uid: 0, gid: 0 };
    world.apply([{ kind: "file", path: CA, before, after: { ...before, mode }, purpose: "", internal: false }]);
  };
  const first = makeMemoryWorld({});
  write(first);
  expect(codeOf(await planEnroll(first, devregistry, { replace: true }))).toBe(code);
  expect(codeOf(await planEnroll(first, devregistry))).toBe("RC-TRU-010");
  // what stands there now is kept as well when the certificate changes and somebody has written in between
  const later = makeMemoryWorld({ [CA]: "theirs" });
  await enrollIn(later, devregistry, { replace: true });
  write(later);
  const renewed = { ...devregistry, bundle: "a new certificate\n" };
  expect(codeOf(await planEnroll(later, renewed))).toBe(code);
  expect(codeOf(await planEnroll(later, devregistry))).toContain("no problem");
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
  const edited = `${world.read(DECLARATION)}# and mine\n`;
  world.write(DECLARATION, edited);
  const { notes } = await unenrollIn(world, devregistry);
  expect(notes).toEqual([
    `${DECLARATION} was changed after regclient wrote it; it goes all the same, or it would be enrolled again`,
  ]);
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
