import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { makeCertificate, makeLeaf } from "../support/pki.ts";
import { requireLab } from "./lab.ts";
import { expectUntouched, login, loginArgs, startClientLab, type ClientLab } from "./support/client-lab.ts";
import { checkout } from "./support/holder.ts";
import { startOwnRegistry } from "./support/own-registry.ts";

requireLab();

const zeros = `sha256:${"0".repeat(64)}`;
const plainHosts = "127.0.0.1\tlocalhost\n";
const declared = "/etc/regclient/registries.d/devregistry.yaml";
const certificate = "/etc/docker/certs.d/devregistry:443/ca.crt";
const config = "/root/.docker/config.json";

let lab: ClientLab;
beforeAll(async () => {
  lab = await startClientLab();
  const cnOnly = makeCertificate({ commonName: "devregistry", version: 1 });
  const wrongName = makeLeaf({ dns: ["elsewhere.test"] });
  await startOwnRegistry(lab, { identity: cnOnly, port: 5443 });
  await startOwnRegistry(lab, { identity: wrongName, port: 6443 });
  await startOwnRegistry(lab, { identity: makeLeaf({ dns: ["devregistry"] }), port: 7443, readOnly: true });
});
afterAll(() => lab[Symbol.asyncDispose]());
afterEach(() => {
  writeFileSync(lab.client.path("/etc/hosts"), plainHosts);
  for (const path of ["/etc/docker/certs.d", "/etc/regclient", "/root/.docker"])
    rmSync(lab.client.path(path), { recursive: true, force: true });
});

interface Refusal {
  readonly title: string;
  /** A file that is there before. */
  readonly file?: readonly [path: string, text: string];
  readonly args: (fingerprint: string) => readonly string[];
  readonly stdin?: string;
  readonly exit: number;
  readonly says: readonly string[];
}

const address = ["--address", "10.10.62.103"];
const usual = (fingerprint: string): readonly string[] => [
  "enroll",
  "devregistry",
  ...address,
  ...loginArgs(fingerprint),
];
const at =
  (name: string, ...more: readonly string[]) =>
  () => ["enroll", name, ...address, ...more];

const refusals: readonly Refusal[] = [
  {
    title: "a wrong password",
    args: usual,
    stdin: "wrong",
    exit: 4,
    says: ["[RC-AUT-", "fix:"],
  },
  {
    title: "no password and nobody to ask",
    args: (pin) => ["enroll", "devregistry", ...address, "--fingerprint", pin, "--username", "xl"],
    exit: 4,
    says: ["[RC-CRD-005]"],
  },
  {
    title: "no user where one is needed",
    args: (pin) => ["enroll", "devregistry", ...address, "--fingerprint", pin],
    exit: 4,
    says: ["[RC-CRD-001]"],
  },
  { title: "a port where nobody listens", args: at("devregistry:9443"), exit: 5, says: ["[RC-NET-"] },
  {
    title: "an address where nobody is",
    args: () => ["enroll", "devregistry", "--address", "10.10.62.99"],
    exit: 5,
    says: ["[RC-NET-"],
  },
  { title: "a name that leads nowhere", args: () => ["enroll", "devregistry"], exit: 5, says: ["[RC-NET-"] },
  { title: "another fingerprint", args: () => usual(zeros), exit: 3, says: ["[RC-TRU-012]", zeros, "PIN"] },
  { title: "no fingerprint and nobody to ask", args: at("devregistry"), exit: 3, says: ["[RC-TRU-011]", "PIN"] },
  {
    title: "a certificate with a common name only",
    args: at("devregistry:5443", "--trust-on-first-use"),
    exit: 5,
    says: ["subjectAltName"],
  },
  {
    title: "a certificate for another name",
    args: at("devregistry:6443", "--trust-on-first-use"),
    exit: 5,
    says: ["elsewhere.test"],
  },
  {
    title: "an alias with another address",
    file: ["/etc/hosts", `${plainHosts}10.9.9.9 box DEVREGISTRY # mine\n`],
    args: usual,
    exit: 7,
    says: ["[RC-ALI-001]", "/etc/hosts:2: 10.9.9.9 box DEVREGISTRY"],
  },
  {
    title: "an alias to loopback",
    file: ["/etc/hosts", `127.0.1.1 devregistry\n${plainHosts}`],
    args: usual,
    exit: 7,
    says: ["[RC-ALI-002]", "/etc/hosts:1: 127.0.1.1 devregistry"],
  },
  {
    title: "an alias to loopback, and none asked for",
    file: ["/etc/hosts", `::1 devregistry\n${plainHosts}`],
    args: (pin) => [...usual(pin), "--no-hosts"],
    exit: 7,
    says: ["[RC-ALI-002]"],
  },
  {
    title: "a loopback address asked for",
    args: () => ["enroll", "devregistry", "--address", "127.0.0.1"],
    exit: 2,
    says: ["--address", "loopback"],
  },
  {
    title: "a ca.crt of somebody else",
    file: [certificate, "not a certificate\n"],
    args: usual,
    exit: 3,
    says: ["[RC-TRU-010]", certificate, "--replace"],
  },
  {
    title: "a folder where ca.crt goes",
    file: [`${certificate}/inside`, ""],
    args: (pin) => [...usual(pin), "--replace"],
    exit: 3,
    says: ["[RC-TRU-010]", "directory"],
  },
  {
    title: "a config.json that is no JSON",
    file: [config, '{\n  "auths": {},\n}\n'],
    args: usual,
    exit: 2,
    says: ["[RC-CFG-003]", config, "line 3"],
  },
  {
    title: "a declaration with an unknown key",
    file: [declared, "version: 1\nregistry: devregistry\ntrust:\n  fingerprint: abc\n"],
    args: usual,
    exit: 2,
    says: ["[RC-CFG-001]", `${declared}:4: trust.fingerprint`],
  },
  {
    title: "a declaration that is no YAML",
    file: [declared, "version: 1\nregistry: [devregistry\n"],
    args: () => ["reconcile"],
    exit: 2,
    says: ["[RC-CFG-001]", `${declared}:`],
  },
  { title: "to unenroll what is not enrolled", args: () => ["unenroll", "nobody"], exit: 2, says: ["[RC-CFG-004]"] },
  { title: "to verify what is not enrolled", args: () => ["verify", "nobody"], exit: 2, says: ["[RC-CFG-004]"] },
  { title: "a name of Docker Hub", args: at("docker.io"), exit: 2, says: ["[RC-NAM-"] },
  {
    title: "a CA bundle over plain HTTP",
    args: at("devregistry", "--ca-url", "http://10.10.62.103/trust.pem"),
    exit: 2,
    says: ["--ca-url", "https://"],
  },
  {
    title: "a CA bundle from a server that nobody vouches for",
    args: at("devregistry", "--ca-url", "https://10.10.62.103/.well-known/regclient/trust.pem"),
    exit: 3,
    says: ["fix:"],
  },
  {
    title: "a CA file that is not there",
    args: at("devregistry", "--ca-file", "/nowhere.pem"),
    exit: 2,
    says: ["/nowhere.pem"],
  },
  {
    title: "a keychain without a session",
    args: (pin) => [...usual(pin), "--vault", "keychain"],
    exit: 4,
    says: ["[RC-CRD-002]", "no session bus"],
  },
  {
    title: "a password on the command line",
    args: (pin) => [...usual(pin).filter((word) => word !== "--password-stdin"), "--password", "secret"],
    exit: 2,
    says: ["--password-stdin"],
  },
];

describe("enroll and its like refuse, and leave the host untouched:", () => {
  test.each(refusals)("$title", async ({ file, args, stdin, exit, says }) => {
    if (file !== undefined) {
      mkdirSync(dirname(lab.client.path(file[0])), { recursive: true });
      writeFileSync(lab.client.path(file[0]), file[1]);
    }
    const before = await lab.client.hashTree();
    const argv = args(lab.fingerprint);
    const text = await lab.regclient(argv, { stdin: stdin ?? login.password });
    expect({ code: text.code, stdout: text.stdout }).toEqual({ code: exit, stdout: "" });
    for (const part of says) expect(text.stderr).toContain(part === "PIN" ? lab.fingerprint : part);
    expect(text.stderr).not.toContain(login.password);
    const json = await lab.regclient([...argv, "--output", "json", "--quiet"], { stdin: stdin ?? login.password });
    expect(json).toMatchObject({ code: exit, stderr: "" });
    expect(JSON.parse(json.stdout)).toMatchObject({ exit });
    await expectUntouched(lab.client, before);
  });

  test("to wait longer for the lock than asked", async () => {
    const before = await lab.client.hashTree();
    mkdirSync(lab.client.path("/run/regclient"), { recursive: true });
    const hold = `import { DatabaseSync } from "node:sqlite";
      new DatabaseSync("/run/regclient/lock").exec("PRAGMA journal_mode=OFF; BEGIN EXCLUSIVE");
      console.log("held"); setInterval(() => {}, 1000);`;
    const holder = await lab.client.start([
      join(checkout, "node_modules/.bin/node"),
      "--input-type=module",
      "--eval",
      hold,
    ]);
    await expect.poll(holder.output).toContain("held");
    for (const argv of [usual(lab.fingerprint), ["unenroll", "devregistry"]]) {
      const refused = await lab.regclient([...argv, "--lock-timeout", "0.2"], { stdin: login.password });
      expect(refused).toMatchObject({ code: 8 });
      expect(refused.stderr).toContain("[RC-LCK-001]");
    }
    await holder.stop("SIGKILL");
    await expectUntouched(lab.client, before);
    expect(await lab.regclient(["unenroll", "devregistry", "--lock-timeout", "0"])).toMatchObject({ code: 2 });
  });
});

describe("a registry that may be read only", () => {
  test("enrolls the host, and says with exit code 6 that nothing can be pushed", async () => {
    const before = await lab.client.hashTree();
    const args = ["enroll", "devregistry:7443", ...address, "--trust-on-first-use", "--username", "xl"];
    const enrolled = await lab.regclient([...args, "--password-stdin"], { stdin: login.password });
    expect(enrolled.code).toBe(6);
    expect(enrolled.stdout).toContain("devregistry:7443 is enrolled on this host");
    expect(enrolled.stderr).toMatch(/\[RC-PSH-\d+\]/);
    expect(await lab.regclient(["verify", "--mode", "login"])).toMatchObject({ code: 0 });
    expect(await lab.regclient(["unenroll", "devregistry:7443"])).toMatchObject({ code: 0 });
    await expectUntouched(lab.client, before);
  });
});
