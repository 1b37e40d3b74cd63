import { existsSync, readdirSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { requireLab, type Keyring } from "./lab.ts";
import { expectDone, expectUntouched, findText, login, startClientLab, type ClientLab } from "./support/client-lab.ts";

requireLab();

const image = "devregistry:443/app";

let lab: ClientLab;
let keyring: Keyring;
let before: ReadonlyMap<string, string>;
beforeAll(async () => {
  lab = await startClientLab();
  await lab.client.startDockerd();
  keyring = await lab.client.startKeyring("of the login");
  before = await lab.client.hashTree();
});
afterAll(() => lab[Symbol.asyncDispose]());

/** What the keyring holds of regclient, as another program sees it. */
async function listItems(): Promise<readonly string[]> {
  const { stdout, stderr } = await lab.client.run(["secret-tool", "search", "--all", "service", "regclient"], {
    env: keyring.env,
  });
  return [...`${stdout}${stderr}`.matchAll(/^attribute\.account = (.*)$/gm)].map((match) => match[1] ?? "");
}

/** The keyring's own files change with each item and lie in the person's home. */
async function withoutKeyring(): Promise<ReadonlyMap<string, string>> {
  const tree = await lab.client.hashTree();
  return new Map([...tree].filter(([path]) => !path.includes("/keyrings")));
}

describe("a login in the keychain of a session", () => {
  test("is chosen by itself where there is one, and docker finds it there only", async () => {
    expectDone(await lab.enroll([], { env: keyring.env }));
    expect(await listItems()).toEqual([expect.stringMatching(/^devregistry xl [0-9a-f]{8}$/)]);
    const state = readFileSync(lab.client.path("/var/lib/regclient/registries/devregistry.json"), "utf8");
    expect(JSON.parse(state)).toMatchObject({ credential: { vault: "keychain", username: "xl" } });
    expect(readdirSync(lab.client.path("/var/lib/regclient")).sort()).toEqual([
      "decisions.log",
      "registries",
      "shared.json",
    ]);
    expect(await findText(lab.client, login.password)).toEqual([]);
    const make = "echo hello >/tmp/greeting && tar --directory /tmp --create greeting";
    expectDone(await lab.client.run(["sh", "-c", `${make} | docker import - ${image}`]));
    expect(expectDone(await lab.docker(["push", image], { env: keyring.env }))).toContain("digest: sha256:");
    expect((await lab.docker(["push", image])).code).toBe(1);
  });

  test("stays the same item when nothing changes, and is replaced with the password", async () => {
    const [item] = await listItems();
    const again = await lab.enroll(["--no-verify"], { env: keyring.env });
    expect(expectDone(again)).toContain("nothing was changed");
    expect(await listItems()).toEqual([item]);
    expect(
      await lab.registry.devregistry(["adduser", "xl", "--password-stdin"], { stdin: "another one\n" }),
    ).toMatchObject({ code: 0 });
    expectDone(await lab.enroll(["--no-verify"], { env: keyring.env, stdin: "another one" }));
    const items = await listItems();
    expect(items).toHaveLength(1);
    expect(items).not.toEqual([item]);
    expectDone(await lab.regclient(["verify"], { env: keyring.env }));
  });

  test("is not left behind by an unenroll that cannot reach it, and is gone after one that can", async () => {
    const enrolled = await withoutKeyring();
    const refused = await lab.regclient(["unenroll", "devregistry"]);
    expect(refused).toMatchObject({ code: 4, stderr: expect.stringContaining("[RC-CRD-002]") as string });
    expect(await withoutKeyring()).toEqual(enrolled);
    expectDone(await lab.regclient(["unenroll", "devregistry"], { env: keyring.env }));
    expect(await listItems()).toEqual([]);
    await expectUntouched(lab.client, new Map([...before, ...(await keyringFiles())]));
  });

  test("is moved to a sealed file and back on request, and never lies in both", async () => {
    const start = await withoutKeyring();
    const move = async (vault: string, items: number): Promise<void> => {
      const args = ["--no-verify", "--vault", vault];
      expectDone(await lab.enroll(args, { env: keyring.env, stdin: "another one" }));
      expect(await listItems()).toHaveLength(items);
      const sealed = lab.client.path("/var/lib/regclient/credentials/devregistry.sealed");
      expect(existsSync(sealed)).toBe(vault === "sealed");
    };
    await move("keychain", 1);
    await move("sealed", 0);
    await move("keychain", 1);
    expectDone(await lab.regclient(["unenroll", "devregistry"], { env: keyring.env }));
    expect(await listItems()).toEqual([]);
    expect(await withoutKeyring()).toEqual(start);
  });

  test("is told of where it has to stay behind", async () => {
    const start = await withoutKeyring();
    expectDone(await lab.enroll(["--no-verify", "--vault", "keychain"], { env: keyring.env, stdin: "another one" }));
    const [item] = await listItems();
    const elsewhere = await lab.enroll(["--no-verify", "--vault", "sealed"], { stdin: "another one" });
    expectDone(elsewhere);
    expect(elsewhere.stderr).toContain(`left over: the keychain item "${item}"`);
    expectDone(await lab.regclient(["unenroll", "devregistry"]));
    expect(await withoutKeyring()).toEqual(start);
    await lab.client.run(["secret-tool", "clear", "service", "regclient"], { env: keyring.env });
  });

  test("is asked for in vain while the keyring is locked, and nobody waits for ever", async () => {
    const lock = ["gdbus", "call", "--session", "--dest", "org.freedesktop.secrets", "--object-path"];
    const method = ["/org/freedesktop/secrets", "--method", "org.freedesktop.Secret.Service.Lock"];
    const loginKeyring = "['/org/freedesktop/secrets/collection/login']";
    expectDone(await lab.client.run([...lock, ...method, loginKeyring], { env: keyring.env }));
    const start = await withoutKeyring();
    const env = keyring.env;
    const refused = await lab.enroll(["--vault", "keychain"], { env, stdin: "another one", timeoutMs: 20_000 });
    expect(refused).toMatchObject({ code: 4, stderr: expect.stringContaining("[RC-CRD-002]") as string });
    expect(await withoutKeyring()).toEqual(start);
  });

  test("goes to a sealed file where the session bus is gone", async () => {
    const { env } = keyring;
    await keyring.stop();
    const start = await withoutKeyring();
    const refused = await lab.enroll(["--vault", "keychain"], { env, stdin: "another one" });
    expect(refused).toMatchObject({ code: 4, stderr: expect.stringContaining("[RC-CRD-002]") as string });
    expect(await withoutKeyring()).toEqual(start);
    expectDone(await lab.enroll(["--no-verify"], { env, stdin: "another one" }));
    expect(readdirSync(lab.client.path("/var/lib/regclient"))).toContain("credentials");
    expectDone(await lab.regclient(["unenroll", "devregistry"], { env }));
    expect(await withoutKeyring()).toEqual(start);
  });
});

async function keyringFiles(): Promise<readonly (readonly [string, string])[]> {
  return [...(await lab.client.hashTree())].filter(([path]) => path.includes("/keyrings"));
}
