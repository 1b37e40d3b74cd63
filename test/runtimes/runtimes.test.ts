import { expect, test } from "vitest";
import { observeRuntimes } from "../../src/enrollment/observe-runtimes.ts";
import { probeRuntimes } from "../../src/runtimes/probe.ts";
import type { RuntimeId } from "../../src/runtimes/runtime-ids.ts";
import { selectRuntimes } from "../../src/runtimes/runtimes.ts";
import { makeFakeHost } from "../support/fake-host.ts";
import { makeMemoryWorld } from "../support/memory-world.ts";
import { enrollIn, planEnroll, unenrollIn } from "../support/planned-host.ts";
import { makeScratchRoot } from "../support/scratch-root.ts";
import { caseOf } from "./seen.ts";

test.each([
  [["auto"], [], ["docker"]],
  [["auto"], ["containerd", "containers"], ["docker", "containers", "containerd"]],
  [["containers"], ["docker", "containerd"], ["containers"]],
  [["containerd", "docker"], [], ["docker", "containerd"]],
])("%j with %j found is %j", (declared, found: readonly string[], ids) => {
  const all = new Map(found.map((id) => [id as RuntimeId, { sign: "x", version: undefined }]));
  expect(selectRuntimes(declared, all).map(({ id }) => id)).toEqual(ids);
});

test.each([
  ["a program", "/usr/bin/podman", "containers"],
  ["another program of the same", "/usr/local/bin/skopeo", "containers"],
  ["a socket", "/run/containerd/containerd.sock", "containerd"],
  ["a configuration", "/etc/docker/daemon.json", "docker"],
])("%s shows a runtime", async (_, path, id) => {
  const root = makeScratchRoot({ [path]: "#!/bin/sh\n" });
  const found = await probeRuntimes(makeFakeHost({ root }), "all");
  // a program below another root is not run
  expect([...found]).toEqual([[id, { sign: path, version: undefined }]]);
});

test.each([
  ["podman version 4.3.1\n", "4.3.1"],
  ["containerd github.com/containerd/containerd 1.6.20~ds1 1.6.20~ds1-1+deb12u3\n", "1.6.20~ds1"],
  ["containerd containerd.io v2.1.3 c787fb98911740dd3ff2d0e45ce88cdf01410486\n", "2.1.3"],
  ["Docker version 20.10.24+dfsg1, build 5d6db84\n", "20.10.24+dfsg1"],
  ["", undefined],
])("%j says version %s", async (stdout, version) => {
  const world = makeMemoryWorld({ "/usr/bin/podman": "" });
  const processes = { run: async () => ({ code: 0, stdout: Buffer.from(stdout), stderr: "" }) };
  const found = await probeRuntimes({ files: world.files, processes }, "all");
  expect(found.get("containers")).toEqual({ sign: "/usr/bin/podman", version });
});

test("a runtime that was asked for by name is written without being there, which is told", async () => {
  const world = makeMemoryWorld({ "/etc/hosts": "\n", "/var/lib/.keep": "" });
  const before = world.snapshot();
  const plan = await enrollIn(world, { name: "reg.test:5000", runtimes: ["containers"] });
  expect(plan.notes).toEqual([expect.stringContaining("containers was not found on this host")]);
  expect(world.read("/etc/containers/certs.d/reg.test:5000/ca.crt")).toBeDefined();
  expect(world.read("/etc/docker/certs.d/reg.test:5000/ca.crt")).toBeUndefined();
  expect(await planEnroll(world, { name: "reg.test:5000" })).toMatchObject({ value: { changes: [], notes: [] } });
  await unenrollIn(world, { name: "reg.test:5000" });
  expect(world.snapshot()).toEqual(before);
});

test("another choice takes back what the first one wrote", async () => {
  const world = makeMemoryWorld({
    "/etc/hosts": "\n",
    "/etc/containerd/config.toml": "version = 2\n",
    "/var/lib/.keep": "",
  });
  const before = world.snapshot();
  await enrollIn(world, { name: "reg.test:5000" });
  expect(world.read("/etc/containerd/certs.d/reg.test:5000/hosts.toml")).toBeDefined();
  await enrollIn(world, { name: "reg.test:5000", runtimes: ["docker"] });
  expect(Object.keys(world.snapshot()).filter((path) => path.includes("containerd/certs.d"))).toEqual([]);
  await unenrollIn(world, { name: "reg.test:5000" });
  expect(world.snapshot()).toEqual(before);
});

test("a conflict and a hosts.toml that cannot be edited leave the host untouched", async () => {
  const world = makeMemoryWorld({ "/etc/hosts": "\n", "/etc/docker/certs.d/reg.test:5000/c.key": "" });
  const before = world.snapshot();
  expect(await planEnroll(world, { name: "reg.test:5000" })).toMatchObject({
    ok: false,
    problem: { code: "RC-RUN-001" },
  });
  expect(world.snapshot()).toEqual(before);
});

test("users count that are named, and those in whose home regclient wrote before", async () => {
  const passwd = [
    "root:x:0:0::/root:/bin/sh",
    "sys:x:3:3::/:/bin/sh",
    "anna:x:1001:1001::/home/anna:/bin/sh",
    "ben:x:1002:1002::/home/ben:/bin/sh",
    "cleo:x:1003:1003::/home/cleo:/bin/sh",
    "",
  ];
  const root = makeScratchRoot({ "etc/passwd": passwd.join("\n") });
  const declaration = {
    runtimes: ["docker" as const],
    credentials: { users: ["anna", "nobody-here"] },
    address: undefined,
  };
  const written = ["/home/ben/.config/docker/certs.d/x/ca.crt", "/etc/docker/certs.d/x/ca.crt"];
  const host = makeFakeHost({ root });
  const [docker] = await observeRuntimes(host, caseOf("x:1").name, declaration, {
    bundle: "",
    client: undefined,
    written,
  });
  expect(docker?.about.accounts.map(({ home }) => home)).toEqual(["/root", "/home/anna", "/home/ben"]);
});
