import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { requireLab, type CommandResult } from "./lab.ts";
import { expectDone, expectUntouched, findText, login, startClientLab, type ClientLab } from "./support/client-lab.ts";

requireLab();

const server = "devregistry:443";
const config = "/root/.docker/config.json";
const others = '"other.test":  {"auth" :"b3RoZXI6cGFzcw=="}';

let lab: ClientLab;
/** What docker login wrote, with the password in base64. */
let written: { readonly auths: Readonly<Record<string, { readonly auth: string }>> };
beforeAll(async () => {
  lab = await startClientLab();
  // as it is done by hand: alias and certificate first, then docker login
  const hosts = readFileSync(lab.client.path("/etc/hosts"), "utf8");
  writeFileSync(lab.client.path("/etc/hosts"), `${hosts}10.10.62.103 devregistry\n`);
  const pem = await lab.client.run(["curl", "-sk", "https://10.10.62.103/.well-known/regclient/trust.pem"]);
  const certificate = lab.client.path(`/etc/docker/certs.d/${server}/ca.crt`);
  mkdirSync(dirname(certificate), { recursive: true });
  writeFileSync(certificate, pem.stdout);
  await lab.client.startDockerd();
  const done = await lab.docker(["login", "--username", login.username, "--password-stdin", server], {
    stdin: login.password,
  });
  expectDone(done);
  expect(done.stderr).toContain("stored unencrypted");
  written = JSON.parse(readConfig()) as typeof written;
  writeFileSync(lab.client.path("/etc/hosts"), hosts);
  rmSync(lab.client.path("/etc/docker/certs.d"), { recursive: true });
});
afterEach(async () => {
  await lab.regclient(["unenroll", "devregistry"]);
});
afterAll(() => lab[Symbol.asyncDispose]());

function readConfig(): string {
  return readFileSync(lab.client.path(config), "utf8");
}

function writeConfig(text: string): void {
  writeFileSync(lab.client.path(config), text);
}

/** Enrolls without saying who and with which password. */
async function migrate(more: readonly string[] = []): Promise<CommandResult> {
  const trust = ["--address", "10.10.62.103", "--fingerprint", lab.fingerprint];
  return lab.regclient(["enroll", "devregistry", ...trust, "--no-verify", "--migrate", ...more]);
}

test("a password that docker login left is told of, and stays without a word for it", async () => {
  const before = await lab.client.hashTree();
  const enrolled = await lab.enroll(["--no-verify"]);
  expectDone(enrolled);
  expect(enrolled.stderr).toContain(`${config} holds the password of xl for everybody who can read it; --migrate`);
  expect(JSON.parse(readConfig())).toMatchObject(written);
  expectDone(await lab.regclient(["unenroll", "devregistry"]));
  await expectUntouched(lab.client, before);
});

test("a dry run shows the move without the password", async () => {
  const before = await lab.client.hashTree();
  const shown = expectDone(await migrate(["--dry-run"]));
  expect(shown).toContain(config);
  const hidden = written.auths[server]?.auth ?? "";
  expect(hidden).not.toBe("");
  for (const text of [hidden, login.password]) expect(shown).not.toContain(text);
  await expectUntouched(lab.client, before);
});

test("what docker login wrote is moved, and Docker works on", async () => {
  const told = expectDone(await migrate());
  expect(told).toContain("login    xl");
  expect(JSON.parse(readConfig())).toEqual({
    auths: {},
    credHelpers: { devregistry: "regclient", "devregistry:443": "regclient" },
  });
  expect(await findText(lab.client, login.password)).toEqual([]);
  expectDone(await lab.regclient(["verify", "--via", "direct"]));
  const relogin = await lab.docker(["login", server]);
  expect(`${expectDone(relogin)}${relogin.stderr}`).toContain("Login Succeeded");
  expect(expectDone(await migrate())).toContain("nothing was changed");
});

test.each([
  [
    "devregistry:443",
    (entry: string) => `{ "auths":{${others}${entry && `,\n\t "devregistry:443" : ${entry}`} } ,"x":[1,2 ]}`,
  ],
  ["devregistry", (entry: string) => `{"x": 1,"auths":{${entry && `"devregistry":${entry},`}${others}}}\r\n`],
  [
    "https://devregistry/v1/",
    (entry: string) => `{"auths":{\n ${others}${entry && `,\n "https://devregistry/v1/":${entry}`}\n}}`,
  ],
])("a login under %s in a file of odd form is moved, and everything else stays byte for byte", async (_, make) => {
  const auth = written.auths[server]?.auth ?? "";
  const without = make("");
  writeConfig(make(`{ "auth":"${auth}",\n"email" : "a@b" }`));
  expectDone(await migrate());
  expect(readConfig()).toContain(others);
  expect(readConfig()).not.toContain(auth);
  expect(Object.keys((JSON.parse(readConfig()) as typeof written).auths)).toEqual(["other.test"]);
  expect(await findText(lab.client, login.password)).toEqual([]);
  expectDone(await lab.regclient(["unenroll", "devregistry"]));
  expect(readConfig()).toBe(without);
  expect(await findText(lab.client, login.password)).toEqual([]);
});

test("a wrong password there is refused, and nothing is changed", async () => {
  const auth = Buffer.from("xl:long gone").toString("base64");
  writeConfig(`{"auths":{"devregistry:443":{"auth":"${auth}"},${others}}}`);
  const before = await lab.client.hashTree();
  const refused = await migrate();
  expect(refused).toMatchObject({ code: 4, stderr: expect.stringContaining("[RC-AUT-001]") as string });
  expect(refused.stderr).not.toContain(auth);
  await expectUntouched(lab.client, before);
});

test("another login than the one that is kept is somebody's only copy: it stays, and is told of", async () => {
  const auth = Buffer.from("xl:long gone").toString("base64");
  writeConfig(`{"auths":{"devregistry:443":{"auth":"${auth}"},${others}}}`);
  const enrolled = await lab.enroll(["--no-verify", "--migrate"]);
  expectDone(enrolled);
  expect(enrolled.stderr).toContain(`${config} holds another login, of xl, than the one that is kept`);
  expect(JSON.parse(readConfig())).toMatchObject({ auths: { "devregistry:443": { auth }, "other.test": {} } });
  expectDone(await lab.regclient(["verify", "--via", "direct"]));
});

test("a file that cannot be read as Docker reads it is not touched", async () => {
  writeConfig(`{"auths":{"devregistry:443":{"auth":"eA=="},}}`);
  const before = await lab.client.hashTree();
  expect(await migrate()).toMatchObject({ code: 2, stderr: expect.stringContaining("[RC-CFG-003]") as string });
  await expectUntouched(lab.client, before);
});
