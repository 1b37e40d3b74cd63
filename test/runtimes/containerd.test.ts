import { expect, test } from "vitest";
import { containerdRuntime } from "../../src/runtimes/containerd.ts";
import { renderHostsToml } from "../../src/runtimes/hosts-toml.ts";
import { enrollIn, planEnroll, unenrollIn } from "../support/planned-host.ts";
import { makeMemoryWorld } from "../support/memory-world.ts";
import { caseOf, wantsOn, type Tree } from "./seen.ts";

const config = "/etc/containerd/config.toml";
const CRI = 'plugins."io.containerd.grpc.v1.cri".registry';
const root = "/etc/containerd/certs.d";
const first = { sign: "/usr/bin/containerd", version: "1.6.20~ds1" };
const second = { sign: "/usr/bin/containerd", version: "2.1.3" };

/** The directories that are written to. */
async function directoriesOn(tree: Tree, name = "reg.test:5000"): Promise<readonly string[]> {
  const { files, edits } = await wantsOn(containerdRuntime, tree, caseOf(name, { found: first }));
  return [...new Set([...files, ...edits].map(({ path }) => path.slice(0, path.lastIndexOf("/"))))];
}

test.each([
  ["no configuration", {}, `${root}/reg.test:5000`],
  [
    "a path of its own",
    { [config]: `version = 2\n[${CRI}]\nconfig_path = "/opt/certs/"\n` },
    "/opt/certs/reg.test:5000",
  ],
  [
    "the first of several",
    { [config]: `version = 2\n[${CRI}]\nconfig_path = "${root}:/etc/docker/certs.d"\n` },
    `${root}/reg.test:5000`,
  ],
  ["the older schema", { [config]: '[plugins.cri.registry]\nconfig_path = "/opt/one"\n' }, "/opt/one/reg.test:5000"],
  [
    "the newer schema",
    { [config]: 'version = 3\n[plugins."io.containerd.cri.v1.images".registry]\nconfig_path = "/opt/three"\n' },
    "/opt/three/reg.test:5000",
  ],
  [
    "an imported file",
    {
      [config]: 'version = 2\nimports = ["conf.d/*.toml"]\n',
      "/etc/containerd/conf.d/x.toml": `version = 2\n[${CRI}]\nconfig_path = "/opt/in"\n`,
    },
    "/opt/in/reg.test:5000",
  ],
  ["a file that imports itself", { [config]: `version = 2\nimports = ["${config}"]\n` }, `${root}/reg.test:5000`],
  ["an empty host_port_", { [`${root}/reg.test_5000_/`]: "" }, `${root}/reg.test_5000_`],
  [
    "Docker's own, which is written already",
    { [config]: `version = 2\n[${CRI}]\nconfig_path = "/etc/docker/certs.d"\n` },
    undefined,
  ],
])("%s decides where it is written", async (_, tree: Tree, directory) => {
  expect(await directoriesOn(tree)).toEqual(directory === undefined ? [] : [directory]);
});

test("a hosts.toml of regclient's names the certificates for the host and for what falls through to the server", async () => {
  const { files } = await wantsOn(containerdRuntime, {}, caseOf("devregistry"));
  expect(files.map(({ path }) => path)).toEqual([
    `${root}/devregistry/ca.crt`,
    `${root}/devregistry/hosts.toml`,
    `${root}/devregistry:443/ca.crt`,
    `${root}/devregistry:443/hosts.toml`,
  ]);
  expect(Buffer.from(files[3]?.bytes ?? []).toString("utf8")).toBe(
    [
      "# written by regclient, and taken back by regclient unenroll",
      'server = "https://devregistry:443"',
      `ca = ["${root}/devregistry:443/ca.crt"]`,
      "",
      '[host."https://devregistry:443"]',
      '  capabilities = ["pull", "resolve", "push"]',
      `  ca = ["${root}/devregistry:443/ca.crt"]`,
      "",
    ].join("\n"),
  );
});

const hosts = `${root}/reg.test:5000/hosts.toml`;
test.each([
  ["only comments", "# theirs\n"],
  ["a server", 'server = "https://reg.test:5000"\n'],
  ["no line end", 'server = "https://reg.test:5000"'],
  ["CRLF", 'server = "https://reg.test:5000"\r\n\r\n[host."https://reg.test:5000"]\r\n  capabilities = ["pull"]\r\n'],
  [
    "the host and a mirror",
    '# a\n[host."https://mirror:1"] # m\nca = "/m.crt"\n\n[host."https://reg.test:5000"]\n  ca = ["/x.crt"] # theirs\n',
  ],
  ["an array at the top", 'ca = [ "/x.crt" ]\n[host."https://reg.test:5000/v2"]\noverride_path = true\n'],
])("a hosts.toml of somebody else with %s is edited, and comes back byte for byte", async (_, text) => {
  const world = makeMemoryWorld({ "/etc/hosts": "\n", "/var/lib/.keep": "", [config]: "version = 2\n", [hosts]: text });
  const before = world.snapshot();
  await enrollIn(world, { name: "reg.test:5000" });
  const edited = world.read(hosts) ?? "";
  const named = edited.split(`"${root}/reg.test:5000/ca.crt"`).length - 1;
  expect(named).toBe(text.includes("https://reg.test:5000") && text.includes("[host") ? 2 : 1);
  expect(edited).not.toMatch(/mirror:1"\].*\nca = \["\/etc/);
  const again = await planEnroll(world, { name: "reg.test:5000" });
  expect(again).toMatchObject({ ok: true, value: { changes: [] } });
  await unenrollIn(world, { name: "reg.test:5000" });
  expect(world.snapshot()).toEqual(before);
});

test("what others add to it meanwhile stays, and our own lines go", async () => {
  const world = makeMemoryWorld({
    "/etc/hosts": "\n",
    "/var/lib/.keep": "",
    [config]: "version = 2\n",
    [hosts]: "# theirs\n",
  });
  await enrollIn(world, { name: "reg.test:5000" });
  world.write(hosts, `${world.read(hosts)}[host."https://mirror:1"]\n`);
  await unenrollIn(world, { name: "reg.test:5000" });
  expect(world.read(hosts)).toBe('# theirs\n[host."https://mirror:1"]\n');
});

test.each([
  ["a CA of theirs as a text", 'ca = "/x.crt"\n', 0o644, "RC-RUN-020"],
  ["no TOML", "server = \n", 0o644, "RC-RUN-020"],
])("a hosts.toml with %s is refused, with the lines to add", async (_, text, _mode, code) => {
  const world = makeMemoryWorld({ "/etc/hosts": "\n", "/var/lib/.keep": "", [config]: "version = 2\n", [hosts]: text });
  const before = world.snapshot();
  const refused = await planEnroll(world, { name: "reg.test:5000" });
  expect(refused).toMatchObject({ ok: false, problem: { code } });
  if (!refused.ok) expect(refused.problem.fix.join("\n")).toContain(`ca = ["${root}/reg.test:5000/ca.crt"]`);
  expect(world.snapshot()).toEqual(before);
});

test.each([
  ["1.x without a path", first, "version = 2\n", "RC-RUN-010", `[${CRI}]`],
  ["1.x without a configuration", first, undefined, "RC-RUN-010", "version = 2"],
  ["1.x with a path", first, `version = 2\n[${CRI}]\nconfig_path = "${root}"\n`, undefined, ""],
  ["1.x without the CRI plugin", first, 'version = 2\ndisabled_plugins = ["cri"]\n', undefined, ""],
  [
    "1.x with mirrors",
    first,
    `version = 2\n[${CRI}.mirrors."x"]\nendpoint = ["https://x"]\n`,
    "RC-RUN-010",
    `ca_file = "${root}/reg.test:5000/ca.crt"`,
  ],
  ["2.x by default", second, undefined, "RC-RUN-011", `config_path = "${root}"`],
  [
    "2.x with one path",
    second,
    `version = 3\n[plugins."io.containerd.cri.v1.images".registry]\nconfig_path = "${root}"\n`,
    undefined,
    "",
  ],
  [
    "2.x with two paths",
    second,
    `version = 3\n[plugins."io.containerd.cri.v1.images".registry]\nconfig_path = "/a:/b"\n`,
    "RC-RUN-011",
    'config_path = "/a"',
  ],
])("what only a restart can do is told: %s", async (_, found, text, code, line) => {
  const tree: Tree = text === undefined ? {} : { [config]: text };
  const { advice = [] } = await wantsOn(containerdRuntime, tree, caseOf("reg.test:5000", { found }));
  expect(advice.map((each) => each.code)).toEqual(code === undefined ? [] : [code]);
  expect(advice.flatMap(({ fix }) => fix).join("\n")).toContain(line);
});

test.each([
  ["a broken configuration", { [config]: "version = \n" }, "RC-RUN-005"],
  ["a host that is not verified", { [hosts]: '[host."https://reg.test:5000"]\nskip_verify = true\n' }, "RC-RUN-003"],
  ["a server that is not verified", { [hosts]: "skip_verify = true\n" }, "RC-RUN-003"],
])("%s is told", async (_, tree: Tree, code) => {
  const { warnings } = await wantsOn(containerdRuntime, tree, caseOf("reg.test:5000"));
  expect(warnings.map((each) => each.code)).toEqual([code]);
});

test("a _default that a new directory hides is told", async () => {
  const tree = { [`${root}/_default/hosts.toml`]: 'server = "https://mirror"\n' };
  const { notes } = await wantsOn(containerdRuntime, tree, caseOf("reg.test:5000"));
  expect(notes).toEqual([expect.stringContaining(`what ${root}/_default says no longer counts for reg.test:5000`)]);
});

test("a hosts.toml that regclient wrote is put right, not edited", async () => {
  const tree = {
    [hosts]: `${renderHostsToml("https://reg.test:5000", "/x", { hasCa: true, hasClient: false })}skip = 1\n`,
  };
  const { files, edits } = await wantsOn(containerdRuntime, tree, caseOf("reg.test:5000"));
  expect({ files: files.map(({ path }) => path), edits }).toEqual({
    files: [`${root}/reg.test:5000/ca.crt`, hosts],
    edits: [],
  });
});

const directory = `${root}/reg.test:5000`;
const PEM = "-----BEGIN CERTIFICATE-----\n";

test.each([
  [
    "a CA and a pair, which a hosts.toml would hide",
    { [`${directory}/theirs.crt`]: PEM, [`${directory}/c.cert`]: "", [`${directory}/c.key`]: "" },
    ["ca.crt"],
    [],
  ],
  ["nothing of that kind", { [`${directory}/README`]: "" }, ["ca.crt", "hosts.toml"], []],
  ["a pair beside a hosts.toml", { [hosts]: "# theirs\n", [`${directory}/c.cert`]: "" }, ["ca.crt"], ["c.cert"]],
])("files of others in Docker's layout still count: %s", async (_, tree: Tree, names, hidden) => {
  const { files, notes, conflicts } = await wantsOn(containerdRuntime, tree, caseOf("reg.test:5000"));
  expect(files.map(({ path }) => path)).toEqual(names.map((name) => `${directory}/${name}`));
  expect(notes.join()).toContain(hidden.join());
  expect({ notes: notes.length, conflicts }).toEqual({ notes: hidden.length, conflicts: [] });
});

test.each([
  ["half a pair", { [`${directory}/c.key`]: "" }],
  ["a CA without a certificate in PEM", { [`${directory}/theirs.crt`]: "DER" }],
])("%s is a conflict where no hosts.toml is", async (_, tree: Tree) => {
  const { conflicts } = await wantsOn(containerdRuntime, tree, caseOf("reg.test:5000"));
  expect(conflicts.map((each) => each.code)).toEqual(["RC-RUN-001"]);
});
