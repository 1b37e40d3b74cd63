import { expect, test } from "vitest";
import { answer } from "../support/raw-server.ts";
import {
  askDoctor,
  caDer,
  caPem,
  codesIn,
  day,
  findClosedPort,
  makePair,
  okAnswer,
  startAnswering,
  startPlain,
  startRegistry,
  trusting,
  type Stage,
} from "../support/doctor-stage.ts";

const HELPER_PATH = { caller: { environment: { PATH: "/usr/bin" } } };

/** A good registry whose files on the host are as `filesFor` says. */
async function withFiles(
  filesFor: (name: string) => Readonly<Record<string, string>>,
  more: Partial<Stage> = {},
): Promise<Stage> {
  const name = await startRegistry();
  return { name, files: { ...trusting(name), ...filesFor(name) }, ...more };
}

async function withAnswer(text: string): Promise<Stage> {
  const name = await startAnswering(text);
  return { name, files: trusting(name) };
}

async function withConfig(
  configFor: (name: string) => object,
  more: Readonly<Record<string, string>> = {},
): Promise<Stage> {
  return withFiles((name) => ({ "/root/.docker/config.json": JSON.stringify(configFor(name)), ...more }), {
    options: HELPER_PATH,
  });
}

async function withCertificate(
  request: Parameters<typeof makePair>[0],
  options: Stage["options"] = {},
): Promise<Stage> {
  const name = await startRegistry({ tls: makePair(request) });
  return { name, files: trusting(name), options };
}

const auth = Buffer.from("xl:s3cret-pass").toString("base64");
const challenge = (value: string): string =>
  answer("401 Unauthorized", [`WWW-Authenticate: ${value}`, "Docker-Distribution-Api-Version: registry/2.0"]);
const dated = (offset: number): string =>
  answer(
    "200 OK",
    ["Docker-Distribution-Api-Version: registry/2.0", `Date: ${new Date(Date.now() + offset).toUTCString()}`],
    "{}",
  );

// the only finding, its exit code, and how the host comes to be so; ! is a warning
const rows: readonly (readonly [string, number, string, () => Promise<Stage>])[] = [
  [
    "RC-CFG-030",
    2,
    "a client key without its certificate",
    () => withFiles((name) => ({ [`/etc/docker/certs.d/${name}/client.key`]: "x" })),
  ],
  [
    "RC-CFG-030",
    2,
    "a client certificate without its key",
    () => withFiles((name) => ({ [`/etc/docker/certs.d/${name}/client.cert`]: "x" })),
  ],
  [
    "RC-CFG-030",
    2,
    "a directory called *.crt",
    () => withFiles((name) => ({ [`/etc/docker/certs.d/${name}/old.crt/ca.crt`]: caPem })),
  ],
  ["RC-CFG-031", 2, "an empty ca.crt", () => withFiles((name) => trusting(name, ""))],
  ["RC-CFG-031", 2, "a ca.crt with a byte order mark", () => withFiles((name) => trusting(name, `\ufeff${caPem}`))],
  [
    "RC-CFG-031",
    2,
    "OpenSSL's trusted format",
    () => withFiles((name) => trusting(name, caPem.replaceAll("CERTIFICATE", "TRUSTED CERTIFICATE"))),
  ],
  [
    "RC-CFG-031",
    2,
    "a CA called ca.pem",
    async () => {
      const name = await startRegistry();
      return { name, files: { [`/etc/docker/certs.d/${name}/ca.pem`]: caPem } };
    },
  ],
  [
    "RC-CFG-034",
    2,
    "a daemon.json with a comma too many",
    () => withFiles(() => ({ "/etc/docker/daemon.json": '{"debug": true,}' })),
  ],
  [
    "RC-CFG-001",
    2,
    "a declaration that is wrong",
    () =>
      withFiles((name) => ({
        [`/etc/regclient/registries.d/${name}.yaml`]: `version: 1\nregistry: "${name}"\ncolour: red\n`,
      })),
  ],
  [
    "RC-CFG-002",
    7,
    "a record that is damaged",
    () => withFiles((name) => ({ [`/var/lib/regclient/registries/${name}.json`]: "{" })),
  ],
  ["RC-NET-001", 5, "a name without an address", async () => ({ name: "reg.test" })],
  [
    "RC-NET-018",
    5,
    "no name server",
    async () => ({ name: "reg.test", options: { addresses: { "reg.test": undefined } } }),
  ],
  [
    "RC-ALI-002",
    7,
    "an alias to loopback",
    async () => ({ name: "reg.test", files: { "/etc/hosts": "127.0.0.1 localhost reg.test\n" } }),
  ],
  [
    "RC-ALI-003",
    5,
    "a name that leads to loopback",
    async () => ({ name: "reg.test", options: { addresses: { "reg.test": ["127.0.1.1"] } } }),
  ],
  ["RC-NET-002", 5, "nothing listens", async () => ({ name: await findClosedPort() })],
  [
    "RC-NET-006",
    5,
    "plain HTTP on the port",
    async () => ({ name: await startPlain((socket) => socket.end(okAnswer)) }),
  ],
  [
    "RC-NET-007",
    5,
    "another service on the port",
    async () => ({ name: await startPlain((socket) => void socket.write("SSH-2.0-x\r\n")) }),
  ],
  ["RC-NET-015", 5, "a server that hangs up", async () => ({ name: await startPlain((socket) => socket.destroy()) })],
  ["RC-TLS-007", 3, "a CA that is not trusted", async () => ({ name: await startRegistry() })],
  [
    "RC-CFG-032",
    3,
    "the CA in the directory of another spelling",
    async () => {
      const name = await startRegistry();
      return { name, files: trusting("127.0.0.1") };
    },
  ],
  ["RC-TLS-003", 5, "a certificate for another address", () => withCertificate({ ip: ["10.9.8.7"] })],
  ["RC-TLS-002", 5, "a certificate with names only", () => withCertificate({ ip: [], dns: ["reg.test"] })],
  [
    "RC-TLS-004",
    5,
    "an expired certificate",
    () => withCertificate({ notBefore: Date.now() - 9 * day, notAfter: Date.now() - day }),
  ],
  ["RC-TLS-042", 5, "a clock that is a year behind", () => withCertificate({}, { now: Date.now() - 365 * day })],
  [
    "!RC-TLS-040",
    0,
    "a certificate that expires soon",
    () => withCertificate({ notBefore: Date.now() - 90 * day, notAfter: Date.now() + 3.5 * day }),
  ],
  ["!RC-TLS-041", 0, "clocks that are apart", async () => withAnswer(dated(20 * 60_000))],
  [
    "RC-HTP-005",
    5,
    "a web server that is no registry",
    () => withAnswer(answer("404 Not Found", ["Content-Type: text/html"], "<html>no</html>")),
  ],
  [
    "RC-HTP-007",
    5,
    "a proxy without its registry",
    () => withAnswer(answer("502 Bad Gateway", [], "<html>Bad Gateway</html>")),
  ],
  [
    "RC-HTP-006",
    5,
    "a redirect to another host",
    () => withAnswer(answer("302 Found", ["Location: https://other.test/v2/"])),
  ],
  ["!RC-HTP-020", 0, "a proxy that drops the version header", () => withAnswer(answer("200 OK", [], "{}"))],
  ["!RC-HTP-021", 0, "a cache in between", () => withAnswer(okAnswer.replace("\r\n", "\r\nVia: 1.1 squid\r\n"))],
  ["RC-AUT-010", 4, "everybody forbidden", () => withAnswer(answer("403 Forbidden", [], "<html>no</html>"))],
  ["RC-AUT-003", 4, "digest authentication", () => withAnswer(challenge('Digest realm="x", nonce="y"'))],
  [
    "RC-AUT-004",
    4,
    "a realm that is http://",
    () => withAnswer(challenge('Bearer realm="http://127.0.0.1/token",service="x"')),
  ],
  [
    "!RC-AUT-005",
    0,
    "a realm on another host",
    () => withAnswer(challenge('Bearer realm="https://auth.test/token",service="x"')),
  ],
  ["RC-CFG-003", 2, "a config.json that is not JSON", () => withFiles(() => ({ "/root/.docker/config.json": "{," }))],
  ["RC-CRD-040", 4, "a store whose helper is gone", () => withConfig(() => ({ credsStore: "desktop" }))],
  ["RC-CRD-042", 4, "a login without the port", () => withConfig(() => ({ auths: { "127.0.0.1": { auth } } }))],
  ["!RC-CRD-041", 0, "a password in clear", () => withConfig((name) => ({ auths: { [name]: { auth } } }))],
  [
    "!RC-CRD-043",
    0,
    "the Secret Service without a session",
    () => withConfig(() => ({ credsStore: "secretservice" }), { "/usr/bin/docker-credential-secretservice": "" }),
  ],
  [
    "!RC-CRD-044",
    0,
    "pass without a store",
    () => withConfig(() => ({ credsStore: "pass" }), { "/usr/bin/docker-credential-pass": "" }),
  ],
];

test.each(rows)("%s alone, exit code %i: %s", async (code, exit, _, make) => {
  const said = await askDoctor(await make());
  expect({ codes: codesIn(said), exit: said.exit, ok: said.ok }).toEqual({ codes: [code], exit, ok: exit === 0 });
  expect(JSON.stringify(said)).not.toContain("s3cret-pass");
  for (const each of said.problems) expect(each.documentation).toBe(`docs/findings/${each.code}.md`);
});

test("a ca.crt in DER is skipped by Docker, and that is what is said", async () => {
  const name = await startRegistry();
  const said = await askDoctor({ name, files: trusting(name, caDer) });
  expect(codesIn(said)).toEqual(["RC-CFG-031"]);
});
