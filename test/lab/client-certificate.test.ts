import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { clientAuth, makeCA, makeCertificate, type Identity } from "../support/pki.ts";
import { requireLab } from "./lab.ts";
import { expectDone, expectUntouched, findText, login, startClientLab, type ClientLab } from "./support/client-lab.ts";
import { image, startEveryClient, type EveryClient } from "./support/every-client.ts";

requireLab();

const ca = makeCA({ commonName: "clients" });
const known = identityOf(ca);
const unknown = identityOf(makeCA({ commonName: "others" }));
const pair = ["--client-cert", "/etc/pki/host1.pem", "--client-key", "/etc/pki/host1.key"];
const directory = "/etc/docker/certs.d/devregistry:443";

let lab: ClientLab;
let clients: EveryClient;

beforeAll(async () => {
  lab = await startClientLab();
  await askForCertificates();
  clients = await startEveryClient(lab);
});
afterAll(async () => {
  await clients?.stop();
  await lab?.[Symbol.asyncDispose]();
});

function identityOf(issuer: Identity): Identity {
  return makeCertificate({ commonName: "host1", issuer, extendedKeyUsage: [clientAuth] });
}

/** The seed registry's own nginx, told to ask every client for a certificate of this CA. */
async function askForCertificates(): Promise<void> {
  const found = expectDone(
    await lab.registry.run(["grep", "-rl", "ssl_session_tickets off", "/var/lib", "/srv", "/etc"]),
  );
  const path = found.split("\n").find((each) => each.endsWith(".conf")) ?? "";
  const place = "/var/lib/client-ca.pem";
  writeFileSync(lab.registry.path(place), ca.certificate.pem);
  const text = readFileSync(lab.registry.path(path), "utf8");
  const asking = `ssl_client_certificate ${place};\n    ssl_verify_client on;\n    ssl_session_tickets off;`;
  writeFileSync(lab.registry.path(path), text.replace("ssl_session_tickets off;", asking));
  expectDone(await lab.registry.run(["nginx", "-c", path, "-s", "reload"]));
}

function give({ certificate, keyPem }: Identity): void {
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(lab.client.path(path)), { recursive: true });
    writeFileSync(lab.client.path(path), text, { mode: 0o600 });
  };
  write("/etc/pki/host1.pem", certificate.pem);
  write("/etc/pki/host1.key", keyPem);
}

test("without one, the option is named, and nothing is changed", async () => {
  const before = await lab.client.hashTree();
  const { code, stderr } = await lab.enroll();
  expect({ code, stderr }).toMatchObject({ code: 5, stderr: expect.stringContaining("RC-NET-011") });
  expect(stderr).toContain("--client-cert FILE --client-key FILE");
  await expectUntouched(lab.client, before);
});

test("one that the server does not know is told from none, and nothing is changed", async () => {
  give(unknown);
  const before = await lab.client.hashTree();
  const { code, stderr } = await lab.enroll(pair);
  expect({ code, stderr }).toMatchObject({ code: 5, stderr: expect.stringContaining("RC-NET-019") });
  await expectUntouched(lab.client, before);
});

test("with one, every client logs in, pushes and pulls; the key is root's alone and nowhere else", async () => {
  give(known);
  const before = await lab.client.hashTree();
  expectDone(await lab.enroll(pair));
  expect(statSync(lab.client.path(`${directory}/client.key`)).mode & 0o777).toBe(0o600);
  const make = "echo hello >/tmp/greeting && tar --directory /tmp --create greeting";
  expectDone(await lab.client.run(["sh", "-c", `${make} | docker import - ${image}`]));
  expectDone(await lab.docker(["push", image]));
  await clients.expectAllUse();
  expectDone(await lab.regclient(["verify", "devregistry"]));
  const body = known.keyPem.split("\n")[1] ?? "";
  const holders = await findText(lab.client, body);
  expect(holders.filter((path) => !path.endsWith(".key"))).toEqual([]);
  const plain = ["login", "--username", login.username, "--password-stdin", "devregistry:443"];
  const loggedIn = await lab.docker(["--config", "/tmp/other", ...plain], { stdin: login.password });
  expect(expectDone(loggedIn)).toContain("Login Succeeded");
  await lab.client.run(["rm", "-r", "/tmp/other", "/tmp/greeting"]);
  expectDone(await lab.regclient(["unenroll", "devregistry"]));
  await expectUntouched(lab.client, before);
});
