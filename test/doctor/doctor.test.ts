import { appendFileSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { AskedEngine, EngineState } from "../../src/doctor/engine.ts";
import { diagnose } from "../../src/doctor/diagnose.ts";
import { bypassesProxy } from "../../src/doctor/no-proxy.ts";
import { problemsOf } from "../../src/doctor/report.ts";
import { problem } from "../../src/findings/problem.ts";
import { parseRegistryName } from "../../src/registry/name.ts";
import { runCommand, steady } from "../support/command-line.ts";
import { askDoctor, caPem, codesIn, readSaid, startRegistry, trusting } from "../support/doctor-stage.ts";
import { makeScratchRoot, snapshotTree } from "../support/scratch-root.ts";
import { valueOf } from "../support/registry-client.ts";
import { passAt } from "../support/sealed-host.ts";

const users = { xl: "s3cret-pass" };
const options = { caller: { environment: { PATH: "/usr/bin" } } };

/** A host that is enrolled with a registry as users have it: everything is well. */
async function makeHealthyHost(more: Parameters<typeof startRegistry>[0] = {}) {
  const name = await startRegistry({ auth: "basic", users, ...more });
  const root = makeScratchRoot({
    "/etc/hosts": "127.0.0.1 localhost\n",
    "/ca.crt": caPem,
    "/usr/bin/docker-credential-regclient": "",
  });
  const login = ["--username", "xl", "--password-stdin", "--vault", "sealed"];
  const { exit, err } = await runCommand(["enroll", name, "--ca-file", join(root, "ca.crt"), "--no-verify", ...login], {
    root,
    stdin: "s3cret-pass\n",
    ...options,
  });
  expect({ exit, err: exit === 0 ? "" : err }).toEqual({ exit: 0, err: "" });
  return { name, root };
}

describe("a healthy host", () => {
  test("that is enrolled gives no finding, and stays as it is", async () => {
    const { name, root } = await makeHealthyHost();
    const before = snapshotTree(root);
    const { exit, out, err } = await runCommand(["doctor"], { root, ...options });
    expect(exit).toBe(0);
    expect(err).not.toContain("error");
    expect(steady(out)).toBe(`this host
  ✓ configuration: records       1 declared, 1 enrolled
  – runtime: engine              --root names a tree of files, where no engine runs
  ✓ credentials: docker configs  /root/.docker/config.json

127.0.0.1:PORT
  ✓ configuration: files       3 files as written
  ✓ configuration: certs.d     1 certificates
  ✓ name                       127.0.0.1 is 127.0.0.1; images are called 127.0.0.1:PORT/IMAGE
  ✓ route                      127.0.0.1
  ✓ port                       port ${name.split(":")[1]} is open
  ✓ TLS: certificate           CN=reg, until DAY
  ✓ HTTP                       a registry that asks for a login
  ✓ auth: login                xl is let in (Basic)
  ✓ read                       regclient-smoke may be read
  ✓ write                      regclient-smoke may be written to: it took OCI's empty blob
  – runtime: engine            --root names a tree of files, where no engine runs
  ✓ credentials: docker login  /root/.docker/config.json: docker-credential-regclient

nothing wrong was found
`);
    expect(snapshotTree(root)).toEqual(before);
  });

  test("with a token server gives none either", async () => {
    const { name, root } = await makeHealthyHost({ auth: "bearer" });
    const said = readSaid(await runCommand(["doctor", name, "--output", "json"], { root, ...options }));
    expect(codesIn(said)).toEqual([]);
    expect(said).toMatchObject({ exit: 0, ok: true });
  });

  test("that is not enrolled, with an open registry, gives none", async () => {
    const name = await startRegistry();
    const said = await askDoctor({ name, files: trusting(name) });
    expect(codesIn(said)).toEqual([]);
    expect(said.registries[0]?.checks.filter(({ status }) => status === "ok").length).toBeGreaterThan(6);
  });

  test("with nothing on it gives none, and exit code 0", async () => {
    const { exit, out } = await runCommand(["doctor"], { root: makeScratchRoot() });
    expect(exit).toBe(0);
    expect(out).toContain("0 declared, 0 enrolled");
  });
});

describe("an enrolled host that something happened to", () => {
  const rows: readonly (readonly [string, number, string, (root: string, name: string) => void])[] = [
    [
      "RC-CFG-033",
      7,
      "ca.crt was changed",
      (root, name) => appendFileSync(join(root, `/etc/docker/certs.d/${name}/ca.crt`), "#\n"),
    ],
    ["RC-CFG-033", 7, "ca.crt is gone", (root, name) => rmSync(join(root, `/etc/docker/certs.d/${name}/ca.crt`))],
    [
      "RC-CFG-030",
      2,
      "a link that leads nowhere",
      (root, name) => symlinkSync("/nowhere", join(root, `/etc/docker/certs.d/${name}/x.crt`)),
    ],
    ["RC-CRD-040", 4, "the helper was removed", (root) => rmSync(join(root, "/usr/bin/docker-credential-regclient"))],
    [
      "RC-CRD-004",
      4,
      "the sealed login is gone",
      (root, name) => rmSync(join(root, `/var/lib/regclient/credentials/${name}.sealed`)),
    ],
  ];
  test.each(rows)("%s, exit code %i: %s", async (code, exit, _, spoil) => {
    const { name, root } = await makeHealthyHost();
    spoil(root, name);
    const said = readSaid(await runCommand(["doctor", name, "--output", "json"], { root, ...options }));
    expect({ codes: codesIn(said), exit: said.exit }).toEqual({ codes: [code], exit });
  });

  const servers: readonly (readonly [string, number, string, Parameters<typeof startRegistry>[0], () => void])[] = [
    ["RC-PSH-005", 6, "the registry is read-only", { readOnly: true }, () => undefined],
    [
      "RC-PSH-001",
      6,
      "the user may not push",
      { allow: (_user, _repository, action) => action === "pull" },
      () => undefined,
    ],
    ["RC-PSH-002", 6, "the user may not pull", { allow: () => false }, () => undefined],
  ];
  test.each(servers)("%s, exit code %i: %s", async (code, exit, _, more) => {
    const { name, root } = await makeHealthyHost(more);
    const said = readSaid(await runCommand(["doctor", name, "--output", "json"], { root, ...options }));
    expect({ codes: codesIn(said), exit: said.exit }).toEqual({ codes: [code], exit });
  });

  test("the password was changed: RC-AUT-001", async () => {
    const known = { ...users };
    const { name, root } = await makeHealthyHost({ users: known });
    known.xl = "another";
    const said = readSaid(await runCommand(["doctor", name, "--output", "json"], { root, ...options }));
    expect({ codes: codesIn(said), exit: said.exit }).toEqual({ codes: ["RC-AUT-001"], exit: 4 });
  });
});

describe("the engine", () => {
  const insecure = { names: [], verified: [], networks: ["127.0.0.0/8"] };
  const description = {
    version: "29.0.0",
    httpsProxy: "",
    noProxy: "",
    mirrors: [],
    insecure,
    imageStore: "overlayfs",
  };
  const engineWith = (changes: Partial<typeof description>, images: readonly string[] = []): EngineState => {
    const described = { ...description, ...changes };
    const engine: AskedEngine = {
      describe: async () => described,
      insecureRegistries: async () => described.insecure,
      imagesNamed: async () => images,
    };
    return { engine, description: described };
  };
  const files = { "/etc/hosts": "10.9.8.7 devregistry reg.test\n" };
  const rows: readonly (readonly [string, string, EngineState, Readonly<Record<string, string>>])[] = [
    ["", "is as it should be", engineWith({}), {}],
    [
      "!RC-ENG-020",
      "has a proxy that the registry is not excepted from",
      engineWith({ httpsProxy: "http://xl:pw@proxy.test:3128", noProxy: "localhost" }),
      {},
    ],
    [
      "",
      "has a proxy that the registry is excepted from",
      engineWith({ httpsProxy: "http://proxy.test:3128", noProxy: "devregistry" }),
      {},
    ],
    [
      "RC-ENG-007",
      "does not verify the registry",
      engineWith({ insecure: { ...insecure, networks: ["10.0.0.0/8"] } }),
      { "/etc/docker/daemon.json": '{"insecure-registries": ["10.0.0.0/8"]}' },
    ],
    [
      "!RC-ENG-026",
      "was not restarted",
      engineWith({}),
      { "/etc/docker/daemon.json": '{"insecure-registries": ["other.test:5000"]}' },
    ],
    ["!RC-NAM-020", "has an image that would go to Docker Hub", engineWith({}, ["devregistry/app:1"]), {}],
    ["RC-ENG-001", "does not answer", { problem: problem("RC-ENG-001", { reason: "connect ECONNREFUSED" }) }, {}],
  ];
  test.each(rows)("%s: it %s", async (code, _, state, more) => {
    const name = valueOf(parseRegistryName("devregistry"));
    const pass = passAt(makeScratchRoot({ ...files, ...more }));
    // the address is a test network's: nothing is dialled, as the way there is given up at once
    const stopped = { ...pass, host: { ...pass.host, signal: AbortSignal.abort() } };
    const found = await diagnose(stopped, { names: [name], named: true, findEngine: async () => state });
    const marks = [
      ...problemsOf(found, "failure").map((each) => each.code),
      ...problemsOf(found, "warning").map((each) => `!${each.code}`),
    ].filter((each) => !each.includes("RC-NET-"));
    expect(marks).toEqual(code === "" ? [] : [code]);
    expect(JSON.stringify(found)).not.toContain("xl:pw");
  });
});

test.each([
  ["", "reg.test", false],
  ["*", "reg.test", true],
  ["reg.test", "reg.test", true],
  [" other.test , REG.test ", "reg.test", true],
  ["test", "reg.test", true],
  [".test", "reg.test", true],
  [".reg.test", "reg.test", false],
  ["eg.test", "reg.test", false],
  ["*.test", "reg.test", true],
  ["reg.test:5000", "reg.test:5000", true],
  ["reg.test:5000", "reg.test:5001", false],
  ["10.0.0.0/8", "10.9.8.7", true],
  ["10.0.0.0/8", "11.9.8.7", false],
  ["10.0.0.0/8", "reg.test", false],
  ["10.9.8.7", "10.9.8.7:5000", true],
  ["fd00::/8", "[fd00::5]:5000", true],
  ["10.0.0.0/99", "10.9.8.7", false],
  ["", "localhost:5000", true],
  ["", "127.0.0.1:5000", true],
])("NO_PROXY=%s lets %s through: %s", (noProxy, text, expected) => {
  expect(bypassesProxy(noProxy, valueOf(parseRegistryName(text)))).toBe(expected);
});

test.each([
  ["Reg.Test", 2, "RC-NAM-001"],
  ["docker.io", 2, "RC-NAM-001"],
])("%s is no registry to look at", async (name, exit, code) => {
  const root = makeScratchRoot();
  const ran = await runCommand(["doctor", name], { root });
  expect(ran.exit).toBe(exit);
  expect(ran.err).toContain(code);
  expect(snapshotTree(root)).toEqual({});
});
