import { expect, test } from "vitest";
import { dockerRuntime } from "../../src/runtimes/docker.ts";
import { caseOf, wantsOn, type Tree } from "./seen.ts";

const xl = { login: "xl", uid: 1000, gid: 1000, home: "/home/xl" };

test.each([
  ["devregistry", ["/etc/docker/certs.d/devregistry/ca.crt", "/etc/docker/certs.d/devregistry:443/ca.crt"]],
  ["reg.test:5000", ["/etc/docker/certs.d/reg.test:5000/ca.crt"]],
])("%s is wanted under each of its names", async (name, paths) => {
  const wants = await wantsOn(dockerRuntime, {}, caseOf(name));
  expect(wants.files.map(({ path }) => path)).toEqual(paths);
  expect(wants.files.every(({ owner, mode }) => owner === undefined && mode === 0o644)).toBe(true);
});

test.each([
  ["a socket", { "/run/user/1000/docker.sock": "" }],
  ["a unit of systemd's", { "/home/xl/.config/systemd/user/docker.service": "" }],
  ["a configuration", { "/home/xl/.config/docker/daemon.json": "{}" }],
])("rootless mode, shown by %s, has a directory of the user's own", async (_, tree: Tree) => {
  const about = caseOf("reg.test:5000", { accounts: [{ login: "root", uid: 0, gid: 0, home: "/root" }, xl] });
  const { files } = await wantsOn(dockerRuntime, tree, about);
  expect(files.map(({ path, owner }) => ({ path, owner }))).toEqual([
    { path: "/etc/docker/certs.d/reg.test:5000/ca.crt", owner: undefined },
    { path: "/home/xl/.config/docker/certs.d/reg.test:5000/ca.crt", owner: { uid: 1000, gid: 1000 } },
  ]);
});

test("a user without an engine of their own gets nothing", async () => {
  const { files } = await wantsOn(
    dockerRuntime,
    { "/home/xl/.docker/config.json": "{}" },
    caseOf("reg.test:5000", { accounts: [xl] }),
  );
  expect(files).toHaveLength(1);
});

const directory = "/etc/docker/certs.d/reg.test:5000";
test.each([
  [
    "a client certificate without its key",
    { [`${directory}/client.cert`]: "" },
    "client.cert",
    "its key client.key is not there",
  ],
  ["a key without its certificate", { [`${directory}/client.key`]: "" }, "client.key", "client.cert is not there"],
  ["a directory named like a CA", { [`${directory}/old.crt/`]: "" }, "old.crt", "it is a directory"],
])("%s is a conflict", async (_, tree: Tree, name, reason) => {
  const { conflicts } = await wantsOn(dockerRuntime, tree, caseOf("reg.test:5000", { accounts: [xl] }));
  expect(conflicts.map(({ code }) => code)).toEqual(["RC-RUN-001"]);
  expect(conflicts[0]?.summary).toContain(name);
  expect(conflicts[0]?.cause).toContain(reason);
});

test("half a pair of a user's own is told, and stops nothing else", async () => {
  const tree = { "/home/xl/.config/docker/certs.d/reg.test:5000/a.cert": "", "/run/user/1000/docker.sock": "" };
  const { conflicts, warnings } = await wantsOn(dockerRuntime, tree, caseOf("reg.test:5000", { accounts: [xl] }));
  expect(conflicts).toEqual([]);
  expect(warnings.map(({ code }) => code)).toEqual(["RC-RUN-001"]);
  expect(warnings[0]?.cause).toContain("a.key");
});

test.each([
  [
    "a pair, and another CA",
    { [`${directory}/client.cert`]: "", [`${directory}/client.key`]: "", [`${directory}/other.crt`]: "" },
  ],
  [
    "what no loader reads",
    { [`${directory}/README`]: "", [`${directory}/ca.pem`]: "", [`${directory}/ca.crt.old/`]: "" },
  ],
  ["another registry's", { "/etc/docker/certs.d/other:5000/client.cert": "" }],
])("%s is none", async (_, tree: Tree) => {
  expect((await wantsOn(dockerRuntime, tree, caseOf("reg.test:5000"))).conflicts).toEqual([]);
});

test.each([
  ['{"insecure-registries": ["reg.test:5000"]}', "reg.test:5000"],
  ['{"insecure-registries": ["x:1", "10.0.0.0/8"]}', "10.0.0.0/8"],
  ['{"insecure-registries": ["0.0.0.0/0"]}', "0.0.0.0/0"],
  ['{"insecure-registries": ["reg.test", "11.0.0.0/8", "10.1.2.0/24", "10.0.0.0/33", 5]}', undefined],
  ['{"insecure-registries": "reg.test:5000"}', undefined],
  ["{", undefined],
  ["null", undefined],
])("%s in daemon.json: %s switches verification off", async (text, entry) => {
  const about = caseOf("reg.test:5000", { address: "10.9.8.7" });
  const { warnings } = await wantsOn(dockerRuntime, { "/etc/docker/daemon.json": text }, about);
  expect(warnings.map(({ code }) => code)).toEqual(entry === undefined ? [] : ["RC-RUN-003"]);
  if (entry !== undefined) expect(warnings[0]?.cause).toContain(entry);
});

test("what hides host:port from the containerd image store is written to as well", async () => {
  const tree = { "/etc/docker/certs.d/reg.test_5000_/": "", [`${directory}/hosts.toml`]: "# theirs\n" };
  const { files, edits } = await wantsOn(dockerRuntime, tree, caseOf("reg.test:5000"));
  expect(files.map(({ path }) => path)).toEqual([`${directory}/ca.crt`, "/etc/docker/certs.d/reg.test_5000_/ca.crt"]);
  expect(edits.map(({ path }) => path)).toEqual([`${directory}/hosts.toml`]);
  expect(edits[0]?.put("# theirs\n")).toEqual({ ok: true, value: `ca = ["${directory}/ca.crt"]\n# theirs\n` });
});
