import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { requireLab, type CommandResult } from "./lab.ts";
import {
  expectDone,
  expectUntouched,
  findText,
  login,
  programPath,
  startClientLab,
  type ClientLab,
} from "./support/client-lab.ts";

requireLab();

const server = "devregistry:443";
const image = `${server}/app`;
const config = "/root/.docker/config.json";

let lab: ClientLab;
let before: ReadonlyMap<string, string>;
beforeAll(async () => {
  lab = await startClientLab();
  await lab.client.startDockerd();
  before = await lab.client.hashTree();
  // proving it also waits until dockerd has read /etc/hosts again
  expectDone(await lab.enroll());
});
afterAll(() => lab[Symbol.asyncDispose]());

/** The registry takes another password of the user from now on. */
async function setPassword(password: string): Promise<void> {
  const set = await lab.registry.devregistry(["adduser", login.username, "--password-stdin"], {
    stdin: `${password}\n`,
  });
  expect(set).toMatchObject({ code: 0 });
}

/** What Docker gets of the helper. */
async function helperGets(): Promise<CommandResult> {
  return lab.client.run(["docker-credential-regclient", "get"], { stdin: server, env: programPath });
}

async function loginOf(registry = "devregistry"): Promise<unknown> {
  const status = expectDone(await lab.regclient(["status", registry, "--output", "json"]));
  const { registries } = JSON.parse(status) as { registries: { login?: unknown }[] };
  return registries[0]?.login;
}

async function dockerLogin(password: string): Promise<CommandResult> {
  return lab.docker(["login", "--username", login.username, "--password-stdin", server], { stdin: password });
}

async function regclientLogin(password: string, more: readonly string[] = []): Promise<CommandResult> {
  return lab.regclient(["login", "devregistry", "--password-stdin", ...more], { stdin: `${password}\n` });
}

function readConfig(): Record<string, unknown> {
  return JSON.parse(readFileSync(lab.client.path(config), "utf8")) as Record<string, unknown>;
}

const helpers = { devregistry: "regclient", "devregistry:443": "regclient" };

describe("docker login and docker logout of root", () => {
  test("a new password goes into the vault, and everything is as declared", async () => {
    await setPassword('second: ö "quoted"');
    const told = expectDone(await dockerLogin('second: ö "quoted"'));
    expect(told).toContain("Login Succeeded");
    expect(told).not.toContain("unencrypted");
    expect(JSON.parse(expectDone(await helperGets()))).toEqual({
      ServerURL: server,
      Username: login.username,
      Secret: 'second: ö "quoted"',
    });
    expect(readConfig()).toMatchObject({ credHelpers: helpers });
    expect(await findText(lab.client, "second: ö")).toEqual([]);
    expect(expectDone(await lab.regclient(["reconcile"]))).toBe("devregistry: as declared\n");
    expect(expectDone(await lab.regclient(["enroll", "devregistry"]))).toContain("nothing was changed");
  });

  test("a refused one changes nothing", async () => {
    const tree = await lab.client.hashTree();
    expect((await dockerLogin("no such password")).code).toBe(1);
    expect(await lab.client.hashTree()).toEqual(tree);
  });

  test("logging out takes it out of the vault, and leaves the helper where it is", async () => {
    const out = await lab.docker(["logout", server]);
    expect(`${expectDone(out)}${out.stderr}`).not.toMatch(/warning/i);
    expect(await loginOf()).toBeUndefined();
    expect(await helperGets()).toMatchObject({ code: 1, stdout: "credentials not found in native keychain\n" });
    expect(readConfig()).toMatchObject({ credHelpers: helpers });
    expect(expectDone(await lab.regclient(["reconcile"]))).toBe("devregistry: as declared\n");
    const refused = await lab.docker(["pull", image]);
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining("no basic auth credentials") as string });
  });

  test("logging out twice does no harm, and logging in again brings it back", async () => {
    const tree = await lab.client.hashTree();
    await lab.docker(["logout", server]);
    expect(await lab.client.hashTree()).toEqual(tree);
    expectDone(await dockerLogin('second: ö "quoted"'));
    expect(await loginOf()).toMatchObject({ username: login.username });
    expect(expectDone(await lab.regclient(["enroll", "devregistry"]))).toContain("nothing was changed");
  });
});

describe("regclient login and logout", () => {
  test("keep the old login when the registry refuses the new one", async () => {
    const tree = await lab.client.hashTree();
    for (const more of [[], ["--username", "nobody"], ["--vault", "sealed"]]) {
      const refused = await regclientLogin("no such password", more);
      expect(refused).toMatchObject({ code: 4, stderr: expect.stringContaining("[RC-AUT-001]") as string });
      expect(`${refused.stdout}${refused.stderr}`).not.toContain("no such password");
    }
    expect(await lab.client.hashTree()).toEqual(tree);
    expect(JSON.parse(expectDone(await helperGets()))).toMatchObject({ Secret: 'second: ö "quoted"' });
  });

  test("replace it once the new one is proved", async () => {
    await setPassword("third");
    expect(expectDone(await regclientLogin("third"))).toContain("xl is the stored login now");
    expect(JSON.parse(expectDone(await helperGets()))).toMatchObject({ Secret: "third" });
    const tree = await lab.client.hashTree();
    expect(expectDone(await regclientLogin("third"))).toContain("is the stored login already");
    expect(await lab.client.hashTree()).toEqual(tree);
    expectDone(await lab.regclient(["verify", "--via", "direct"]));
  });

  test("change the user too", async () => {
    const added = await lab.registry.devregistry(["adduser", "robot-ci", "--password-stdin"], { stdin: "of robot\n" });
    expect(added).toMatchObject({ code: 0 });
    expectDone(await regclientLogin("of robot", ["--username", "robot-ci"]));
    expect(JSON.parse(expectDone(await helperGets()))).toMatchObject({ Username: "robot-ci", Secret: "of robot" });
    expect(expectDone(await lab.regclient(["reconcile"]))).toBe("devregistry: as declared\n");
    expectDone(await regclientLogin("third", ["--username", login.username]));
  });

  test("want an enrolled registry, a user and a password", async () => {
    const tree = await lab.client.hashTree();
    const unknown = await lab.regclient(["login", "other.test", "--username", "xl", "--password-stdin"], {
      stdin: "x",
    });
    expect(unknown).toMatchObject({ code: 2, stderr: expect.stringContaining("[RC-CFG-004]") as string });
    expect(await lab.regclient(["logout", "other.test"])).toMatchObject({ code: 2 });
    const silent = await lab.regclient(["login", "devregistry"]);
    expect(silent).toMatchObject({ code: 4, stderr: expect.stringContaining("[RC-CRD-005]") as string });
    expect(await lab.regclient(["login", "devregistry", "--password-stdin"], { stdin: "" })).toMatchObject({ code: 2 });
    expect(await lab.client.hashTree()).toEqual(tree);
  });

  test("cannot be done while the registry is away", async () => {
    const tree = await lab.client.hashTree();
    await lab.setCable(lab.registry, "down");
    expect(await regclientLogin("third")).toMatchObject({ code: 5 });
    await lab.setCable(lab.registry, "up");
    expect(await lab.client.hashTree()).toEqual(tree);
  });

  test("a logout shows first what it will do, and takes login and helper", async () => {
    const tree = await lab.client.hashTree();
    expect(expectDone(await lab.regclient(["logout", "devregistry", "--dry-run"]))).toContain(config);
    expect(await lab.client.hashTree()).toEqual(tree);
    expectDone(await lab.regclient(["logout", "devregistry"]));
    expect(await loginOf()).toBeUndefined();
    expect(readConfig()).not.toHaveProperty("credHelpers");
    expect(await helperGets()).toMatchObject({ code: 1 });
    expect(expectDone(await lab.regclient(["logout", "devregistry"]))).toContain("no login was stored");
    expect(expectDone(await lab.regclient(["reconcile"]))).toBe("devregistry: as declared\n");
  });

  test("a login after that brings the helper back", async () => {
    expectDone(await regclientLogin("third", ["--username", login.username]));
    expect(readConfig()).toMatchObject({ credHelpers: helpers });
    expect(JSON.parse(expectDone(await helperGets()))).toMatchObject({ Secret: "third" });
  });

  test("unenrolling leaves what docker itself has written", async () => {
    expectDone(await lab.regclient(["unenroll", "devregistry"]));
    // docker login and logout wrote an empty record there
    expect(JSON.stringify(readConfig())).not.toContain("regclient");
    await expectUntouched(lab.client, new Map([...before, ...(await dockerFiles())]));
  });
});

async function dockerFiles(): Promise<readonly (readonly [string, string])[]> {
  return [...(await lab.client.hashTree())].filter(([path]) => path.startsWith("/root/.docker"));
}
