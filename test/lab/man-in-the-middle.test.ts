import { appendFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { makeSelfSigned } from "../support/self-signed.ts";
import { diffTrees, requireLab, type CommandResult, type LabHost } from "./lab.ts";
import type { AstrayServer, AstrayServers } from "./support/astray-main.ts";
import { expectDone, expectUntouched, login, startClientLab, type ClientLab } from "./support/client-lab.ts";
import { checkout } from "./support/holder.ts";

requireLab();

const IMAGE = "devregistry:443/app";
const BUNDLE = "/etc/docker/certs.d/devregistry:443/ca.crt";
const RECORD = "/tmp/came-in";
// even for the registry's own name, he has a certificate: but nobody has vouched for it
const own = makeSelfSigned(["DNS:devregistry", "DNS:elsewhere", "IP:10.10.62.11", "IP:10.10.62.103"]);
const encodings = (text: string): readonly string[] =>
  [0, 1, 2].map((shift) => {
    const whole = Buffer.from("_".repeat(shift) + text).toString("base64");
    // the characters at both ends also hold bits of what stands beside
    return whole.slice(shift === 0 ? 0 : shift + 1, whole.length - 4);
  });

let lab: ClientLab;
let somebody: LabHost;
let before: ReadonlyMap<string, string>;
beforeAll(async () => {
  lab = await startClientLab({ clients: 2 });
  somebody = lab.clients[1] ?? lab.client;
  appendFileSync(lab.client.path("/etc/hosts"), "10.10.62.11 elsewhere\n");
  await lab.client.startDockerd();
  await startServers(somebody, [
    { role: "imitate", port: 443, tls: own, elsewhere: "" },
    { role: "imitate", port: 80, elsewhere: "" },
  ]);
  await startServers(lab.registry, listLeading());
  before = await lab.client.hashTree();
}, 120_000);
afterAll(() => lab[Symbol.asyncDispose]());

beforeEach(() => writeFileSync(somebody.path(RECORD), ""));
afterEach(async () => {
  const records = lab.client.path("/var/lib/regclient/registries");
  const names = existsSync(records) ? readdirSync(records) : [];
  for (const name of names) expectDone(await lab.regclient(["unenroll", name.replace(/\.json$/, "")]));
  await expectUntouched(lab.client, before);
});

/** Servers with the registry's own key, each of which leads to somebody else in another way. */
function listLeading(): readonly AstrayServer[] {
  const read = (name: string): string =>
    readFileSync(lab.registry.path(`/var/lib/devregistry/tls/current/${name}.pem`), "utf8");
  const tls = { cert: read("certificate"), key: read("key") };
  return [
    { role: "source", port: 8441, tls, elsewhere: "https://elsewhere/trust.pem" },
    { role: "ping", port: 8442, tls, elsewhere: "https://elsewhere" },
    { role: "realm", port: 8443, tls, elsewhere: "https://elsewhere/token" },
    { role: "realm", port: 8444, tls, elsewhere: "http://elsewhere/token" },
    { role: "realm", port: 8445, tls, elsewhere: "http://devregistry/token" },
    { role: "uploads", port: 8446, tls, elsewhere: "https://elsewhere" },
    { role: "uploads", port: 8447, tls, elsewhere: "http://elsewhere" },
    { role: "blobs", port: 8448, tls, elsewhere: "https://elsewhere" },
    { role: "blobs", port: 8449, tls, elsewhere: "http://elsewhere" },
  ];
}

async function startServers(host: LabHost, servers: readonly AstrayServer[]): Promise<void> {
  writeFileSync(host.path(RECORD), "");
  const setup: AstrayServers = { record: RECORD, servers };
  const program = join(checkout, "test/lab/support/astray-main.ts");
  const running = await host.start([join(checkout, "node_modules/.bin/node"), program, JSON.stringify(setup)]);
  const listening = servers.map(({ port }) => `listening on ${port}.`);
  for (let tries = 0; !listening.every((line) => running.output().includes(line)); tries += 1) {
    if (tries > 300) throw new Error(running.output());
    await new Promise((done) => setTimeout(done, 100));
  }
}

function enroll(name: string, more: readonly string[]): Promise<CommandResult> {
  const known = ["--non-interactive", "--no-verify", "--username", login.username, "--password-stdin"];
  return lab.regclient(["enroll", name, ...known, ...more], { stdin: `${login.password}\n` });
}

/** At the registry's own address, with its fingerprint. */
function enrollKnown(name: string, more: readonly string[] = []): Promise<CommandResult> {
  return enroll(name, ["--address", "10.10.62.103", "--fingerprint", lab.fingerprint, ...more]);
}

/** What he saw: how many connections, and every request with its headers. Never a login. */
function seenBySomebody(): { readonly connections: number; readonly requests: readonly string[] } {
  const text = readFileSync(somebody.path(RECORD), "utf8");
  expect(text.toLowerCase()).not.toMatch(/authorization|cookie|account=/);
  for (const secret of [login.password, encodeURIComponent(login.password)])
    for (const form of [secret, ...encodings(secret), ...encodings(`${login.username}:${secret}`)])
      expect(text).not.toContain(form);
  const lines = text.split("\n");
  return {
    connections: lines.filter((line) => line.endsWith(" connection")).length,
    requests: lines.filter((line) => / request /.test(line)),
  };
}

function wasAsked(port: number): boolean {
  return readFileSync(lab.registry.path(RECORD), "utf8").includes(`${port} request `);
}

function expectRefused(result: CommandResult, exit: number, code: string): void {
  expect({ code: result.code, told: result.stderr.match(/RC-[A-Z]+-\d+/g) }).toEqual({
    code: exit,
    told: expect.arrayContaining([code]) as unknown,
  });
}

test.each([
  ["without a pin", () => [], "RC-TRU-011"],
  ["with the registry's pin", () => ["--fingerprint", lab.fingerprint], "RC-TRU-012"],
])("at first contact, %s: nothing is changed, nothing is said to him", async (_, pin, code) => {
  expectRefused(await enroll("devregistry", ["--address", "10.10.62.11", ...pin()]), 3, code);
  const seen = seenBySomebody();
  expect(seen.connections).toBeGreaterThan(0);
  expect(seen.requests).toEqual([]);
  await expectUntouched(lab.client, before);
});

test("at the registry's own address, with a rotation of his own: trust stays, pulls fail closed", async () => {
  expectDone(await enrollKnown("devregistry", ["--hold-down", "0s"]));
  const make = "echo hello >/tmp/greeting && tar --directory /tmp --create greeting";
  expectDone(await lab.client.run(["sh", "-c", `${make} | docker import - ${IMAGE}`]));
  // the engine reads the hosts file every five seconds at most
  await expect.poll(async () => (await lab.docker(["push", IMAGE])).code, { timeout: 30_000, interval: 500 }).toBe(0);
  expectDone(await lab.docker(["image", "rm", IMAGE]));
  expectDone(await lab.regclient(["reconcile"]));
  const settled = await lab.client.hashTree();
  await lab.setCable(lab.registry, "down");
  expectDone(await somebody.run(["ip", "address", "add", "10.10.62.103/24", "dev", "eth0"]));
  expectDone(await lab.client.run(["ip", "neighbour", "flush", "all"]));
  try {
    for (let pass = 0; pass < 2; pass += 1) expectRefused(await lab.regclient(["reconcile"]), 3, "RC-TRU-013");
    expect((await lab.regclient(["verify", "devregistry"])).code).not.toBe(0);
    expect((await lab.docker(["pull", IMAGE])).stderr).toContain("x509");
    expect((await enroll("devregistry", [])).code).toBe(3);
    const seen = seenBySomebody();
    expect(seen.connections).toBeGreaterThan(4);
    expect(seen.requests).toEqual([]);
    const changed = ["/var/lib/regclient/decisions.log", "/var/lib/regclient/registries/devregistry.json"];
    expect(diffTrees(settled, await lab.client.hashTree())).toEqual({ added: [], removed: [], changed });
  } finally {
    expectDone(await somebody.run(["ip", "address", "del", "10.10.62.103/24", "dev", "eth0"]));
    await lab.setCable(lab.registry, "up");
    expectDone(await lab.client.run(["ip", "neighbour", "flush", "all"]));
  }
  expectDone(await lab.regclient(["reconcile"]));
  expectDone(await lab.docker(["pull", IMAGE]));
  expectDone(await lab.docker(["image", "rm", IMAGE]));
});

test.each(["well-known=https://elsewhere", "url=https://elsewhere/trust.pem", "est=https://elsewhere"])(
  "at the place of the source %s: not even asked",
  async (source) => {
    expectDone(await enrollKnown("devregistry", ["--trust-source", source, "--hold-down", "0s"]));
    const bundle = readFileSync(lab.client.path(BUNDLE), "utf8");
    const passed = await lab.regclient(["reconcile"]);
    expectDone(passed);
    expect(passed.stderr).toContain("counts for nothing now");
    const seen = seenBySomebody();
    expect(seen.connections).toBeGreaterThan(0);
    expect(seen.requests).toEqual([]);
    expect(readFileSync(lab.client.path(BUNDLE), "utf8")).toBe(bundle);
  },
);

test("where the registry's own source redirects to: never gone to", async () => {
  const done = await enrollKnown("devregistry:8441", ["--hold-down", "0s"]);
  expectDone(done);
  expect(done.stderr).toContain("RC-TRU-034");
  expect((await lab.regclient(["reconcile"])).code).toBe(0);
  expect(readFileSync(lab.client.path(BUNDLE.replace(":443", ":8441")), "utf8")).not.toContain(own.cert.trim());
  expect([wasAsked(8441), seenBySomebody()]).toEqual([true, { connections: 0, requests: [] }]);
});

test.each([
  ["a redirect of /v2/", 8442, [], "RC-HTP-006", 5, 0],
  ["a token realm on his host", 8443, [], "RC-AUT-005", 4, 0],
  ["a token realm on his host that is declared, and not verified", 8443, ["--realm", "elsewhere"], "RC-TLS-006", 3, 1],
  ["a token realm on his host without TLS", 8444, [], "RC-AUT-004", 4, 0],
  ["one without TLS that is declared", 8444, ["--realm", "elsewhere"], "RC-AUT-004", 4, 0],
  ["a token realm on the registry's host without TLS", 8445, [], "RC-AUT-004", 4, 0],
] as const)(
  "behind %s: no login comes there, and nothing is changed",
  async (_, port, more, code, exit, connections) => {
    expectRefused(await enrollKnown(`devregistry:${port}`, more), exit, code);
    expect([wasAsked(port), seenBySomebody()]).toEqual([true, { connections, requests: [] }]);
    await expectUntouched(lab.client, before);
  },
);

test.each([
  ["uploads", 8446, "RC-PSH-010", 0],
  ["uploads without TLS", 8447, "RC-PSH-010", 0],
  ["blobs", 8448, "RC-TLS-006", 1],
  ["blobs without TLS", 8449, "RC-PSH-018", 0],
] as const)("behind a redirect of %s: no login comes there", async (_, port, code, connections) => {
  expectDone(await enrollKnown(`devregistry:${port}`));
  const enrolled = await lab.client.hashTree();
  const verified = await lab.regclient(["verify", `devregistry:${port}`, "--via", "direct", "--mode", "push-pull"]);
  expect(verified.code).not.toBe(0);
  expect(verified.stdout + verified.stderr).toContain(code);
  expect([wasAsked(port), seenBySomebody()]).toEqual([true, { connections, requests: [] }]);
  expect(diffTrees(enrolled, await lab.client.hashTree())).toEqual({ added: [], removed: [], changed: [] });
});
