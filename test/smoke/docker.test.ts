import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { secret } from "../../src/credentials/secret.ts";
import { problem } from "../../src/findings/problem.ts";
import { failure, success } from "../../src/result.ts";
import { parseRegistryName } from "../../src/registry/name.ts";
import { connectEngine } from "../../src/smoke/docker-engine.ts";
import { verifyThroughDocker } from "../../src/smoke/docker.ts";
import type { Check, Mode } from "../../src/smoke/report.ts";
import type { Verification } from "../../src/smoke/direct.ts";
import { makeFakeHost } from "../support/fake-host.ts";
import { valueOf } from "../support/registry-client.ts";
import { makeScratchRoot } from "../support/scratch-root.ts";

const DIGEST = `sha256:${"a".repeat(64)}`;
const DEFAULTS = ["::1/128", "127.0.0.0/8"];
const index = (name: string, secure: boolean) => ({ [name]: { Name: name, Secure: secure, Official: false } });

/** An engine that does whatever it is told, behind a Unix socket; gives the requests that came with a login. */
async function startEngine(config: object | undefined): Promise<{ readonly socket: string; readonly given: string[] }> {
  const socket = join(makeScratchRoot(), "docker.sock");
  const given: string[] = [];
  const answers: readonly (readonly [RegExp, object])[] = [
    [/\/version$/, { Version: "28.0.0" }],
    [/\/info$/, config === undefined ? {} : { RegistryConfig: config }],
    [/\/push/, { aux: { Digest: DIGEST } }],
  ];
  const answer: RequestListener = (request: IncomingMessage, response) => {
    const { method = "", url = "" } = request;
    if (request.headers["x-registry-auth"] !== undefined || url.endsWith("/auth"))
      given.push(`${method} ${url.replace(/\?.*/, "")}`);
    const body = answers.find(([pattern]) => pattern.test(url))?.[1] ?? {};
    request
      .resume()
      .on("end", () => response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body)));
  };
  const server = createServer(answer);
  await new Promise<void>((resolve) => void server.listen(socket, resolve));
  onTestFinished(() => void server.close());
  return { socket, given };
}

async function verify(
  registry: string,
  address: string | undefined,
  config: object | undefined,
  mode: Mode = "push-pull",
) {
  const engine = await startEngine(config);
  const name = valueOf(parseRegistryName(registry));
  const notes: string[] = [];
  const verification: Verification = {
    host: makeFakeHost({
      root: makeScratchRoot({ "/etc/hosts": "127.0.0.1 looped.test\n" }),
      addresses: { "reg.test": ["10.1.2.3"] },
    }),
    route: { name, address },
    roots: [],
    client: {} as unknown as Verification["client"],
    adopt: () => undefined,
    cleaner: {
      deleteManifest: async () => success("deleted"),
      getManifest: async () => failure(problem("RC-PSH-003", { authority: "a", what: "b" })),
    } as unknown as Verification["cleaner"],
    credential: { username: "xl", password: secret("s3cret-pass") },
    loginProved: false,
    mode,
    repository: "smoke",
    begin: () => undefined,
    note: (text) => void notes.push(text),
  };
  const checks: readonly Check[] = await verifyThroughDocker(
    verification,
    connectEngine(engine.socket, name.authority),
  );
  return { checks, notes, given: engine.given };
}

test.each([
  ["by its name", "reg.test", undefined, { IndexConfigs: index("reg.test", false) }, "reg.test"],
  ["by name and port", "reg.test", undefined, { IndexConfigs: index("reg.test:443", false) }, "reg.test:443"],
  ["by its network", "reg.test", undefined, { InsecureRegistryCIDRs: [...DEFAULTS, "10.1.0.0/16"] }, "10.1.0.0/16"],
  ["by the network of its alias", "reg:5000", "fd00::5", { InsecureRegistryCIDRs: ["fd00::/8"] }, "fd00::/8"],
  ["as an address", "10.1.2.3:5000", undefined, { InsecureRegistryCIDRs: ["10.1.2.3/32"] }, "10.1.2.3/32"],
  [
    "on loopback by name",
    "127.0.0.1:5000",
    undefined,
    { IndexConfigs: index("127.0.0.1:5000", false) },
    "127.0.0.1:5000",
  ],
])("an engine that does not verify the registry gets no login: %s", async (_, registry, address, config, entry) => {
  const { checks, given } = await verify(registry, address, config);
  expect(checks[0]?.problem).toMatchObject({ code: "RC-ENG-007", exit: 3 });
  expect(checks[0]?.problem?.cause).toContain(`name ${entry}:`);
  expect(checks.slice(1).map(({ name, status }) => `${name} ${status}`)).toEqual([
    "image skipped",
    "push skipped",
    "pull skipped",
    "clean up passed",
  ]);
  expect(given).toEqual([]);
});

test("a name that leads to loopback, where no engine verifies, gets no login either", async () => {
  const { checks, given } = await verify("looped.test", undefined, { InsecureRegistryCIDRs: DEFAULTS });
  expect(checks[0]?.problem?.code).toBe("RC-ALI-002");
  expect(given).toEqual([]);
});

const all = { IndexConfigs: index("other.test", false), InsecureRegistryCIDRs: [...DEFAULTS, "192.0.2.0/24", "junk"] };

test.each([
  ["with other insecure registries", "reg.test", all, 0],
  [
    "that verifies it in spite of its network",
    "reg.test:5000",
    { IndexConfigs: index("reg.test:5000", true), InsecureRegistryCIDRs: ["10.0.0.0/8"] },
    0,
  ],
  ["that says nothing of registries", "reg.test", undefined, 0],
  ["of a registry on loopback", "127.0.0.1:5000", all, 1],
])("an engine gets the login for what it verifies: %s", async (_, registry, config, noted) => {
  const { checks, notes, given } = await verify(registry, undefined, config);
  expect(checks.map(({ status }) => status)).toEqual(["passed", "passed", "passed", "passed", "passed"]);
  expect(given).toHaveLength(2);
  expect(notes.filter((note) => note.includes("loopback"))).toHaveLength(noted);
});

test("in light mode an engine logs in, and moves nothing", async () => {
  const { checks, given } = await verify("reg.test", undefined, undefined, "light");
  expect(checks.map(({ name, status, detail }) => [name, status, detail])).toEqual([
    ["engine", "passed", "Docker Engine 28.0.0"],
    ["login", "passed", "as xl"],
  ]);
  expect(given).toEqual(["POST /auth"]);
});

test("in light mode an engine that would not verify who answers gets no login", async () => {
  const config = { IndexConfigs: index("reg.test", false) };
  const { checks, given } = await verify("reg.test", undefined, config, "light");
  expect(checks.map(({ status }) => status)).toEqual(["failed", "skipped"]);
  expect(given).toEqual([]);
});
