import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { requireLab } from "./lab.ts";
import { checkout } from "./support/holder.ts";
import { expectDone, expectUntouched, findText, login, startClientLab, type ClientLab } from "./support/client-lab.ts";

requireLab();

const certificate = "/etc/docker/certs.d/devregistry:443/ca.crt";
const image = "devregistry:443/app";

let lab: ClientLab;
let before: ReadonlyMap<string, string>;
beforeAll(async () => {
  lab = await startClientLab();
  await lab.client.startDockerd();
  before = await lab.client.hashTree();
});
afterAll(() => lab[Symbol.asyncDispose]());

describe("enroll on a host with a Docker Engine", () => {
  test("a dry run shows the plan and changes nothing", async () => {
    const shown = expectDone(await lab.enroll(["--dry-run"]));
    expect(shown).toContain("/etc/hosts");
    expect(shown).toMatch(/^\+10\.10\.62\.103\tdevregistry\t/m);
    expect(shown).toContain("-----BEGIN CERTIFICATE-----");
    expect(shown).not.toContain(login.password);
    expect(await findText(lab.client, login.password)).toEqual([]);
    await expectUntouched(lab.client, before);
  });

  test("a person without rights is told to run it as root", async () => {
    const refused = await lab.enroll([], { user: "daemon", cwd: "/" });
    expect(refused.code).toBe(7);
    expect(refused.stderr).toContain("fix:   run it as root: sudo regclient …");
    await expectUntouched(lab.client, before);
  });

  test("is followed by a plain docker push and pull, without a password in any file", async () => {
    const told = expectDone(await lab.enroll());
    expect(told).toContain("devregistry is enrolled on this host");
    expect(told).toContain("docker pull devregistry:443/IMAGE");
    expect(told).not.toContain(login.password);
    const make = "echo hello >/tmp/greeting && tar --directory /tmp --create greeting";
    expectDone(await lab.client.run(["sh", "-c", `${make} | docker import - ${image}`]));
    const digest = /digest: (sha256:\S+)/.exec(expectDone(await lab.docker(["push", image])))?.[1];
    expectDone(await lab.docker(["image", "rm", image]));
    expect(expectDone(await lab.docker(["pull", image]))).toContain(`Digest: ${digest}`);
    const config = JSON.parse(readFileSync(lab.client.path("/root/.docker/config.json"), "utf8")) as object;
    expect(config).toEqual({ credHelpers: { devregistry: "regclient", "devregistry:443": "regclient" } });
  });

  test("leaves the password nowhere, in no encoding", async () => {
    expect(await findText(lab.client, login.password)).toEqual([]);
    const planted = Buffer.from(`${login.username}:${login.password}`).toString("base64");
    writeFileSync(lab.client.path("/tmp/planted"), `{"auth": "${planted}"}`);
    expect(await findText(lab.client, login.password)).toEqual(["/tmp/planted"]);
    rmSync(lab.client.path("/tmp/planted"));
  });

  test("is proved by verify, for people and for programs", async () => {
    expect(expectDone(await lab.regclient(["verify"]))).toContain("devregistry works from this host (push-pull)");
    const json = expectDone(await lab.regclient(["verify", "devregistry", "--output", "json", "--quiet"]));
    const { ok, reports } = JSON.parse(json) as { ok: boolean; reports: { ways: { via: string }[] }[] };
    expect({ ok, ways: reports[0]?.ways.map((way) => way.via) }).toEqual({
      ok: true,
      ways: ["direct", "docker", "podman"],
    });
    const status = expectDone(await lab.regclient(["status", "--output", "json"]));
    expect(JSON.parse(status)).toMatchObject({ exit: 0, registries: [{ registry: "devregistry" }] });
  });

  test("changes nothing the second time, and says so", async () => {
    const enrolled = await lab.client.hashTree();
    expect(expectDone(await lab.enroll())).toContain("devregistry is enrolled already; nothing was changed");
    expect(expectDone(await lab.regclient(["enroll", "devregistry"]))).toContain("nothing was changed");
    expect(await lab.client.hashTree()).toEqual(enrolled);
  });

  test("is healed by reconcile, whatever was removed or changed", async () => {
    const enrolled = await lab.client.hashTree();
    const spoil: readonly (readonly [string, (path: string) => void])[] = [
      [certificate, (path) => rmSync(path)],
      [certificate, (path) => writeFileSync(path, "not a certificate\n")],
      ["/etc/hosts", (path) => writeFileSync(path, readFileSync(path, "utf8").replace(/^10\.10.*\n/m, ""))],
      ["/root/.docker/config.json", (path) => rmSync(path)],
    ];
    for (const [path, act] of spoil) {
      act(lab.client.path(path));
      const planned = expectDone(await lab.regclient(["reconcile", "--dry-run"]));
      expect(planned).toContain(path);
      expect(expectDone(await lab.regclient(["reconcile"]))).toContain(path);
      expect((await lab.client.hashTree()).get(path)).toBe(enrolled.get(path));
      expect(expectDone(await lab.regclient(["reconcile"]))).toBe("devregistry: as declared\n");
    }
    expectDone(await lab.regclient(["verify", "--via", "direct"]));
  });

  test("gives everything back to unenroll", async () => {
    expect(expectDone(await lab.regclient(["unenroll", "devregistry", "--dry-run"]))).toContain(certificate);
    expect((await lab.client.hashTree()).has(certificate)).toBe(true);
    const told = expectDone(await lab.regclient(["unenroll", "devregistry"]));
    expect(told).toContain("devregistry is no longer enrolled on this host");
    await expectUntouched(lab.client, before);
    expect((await lab.docker(["push", image])).code).toBe(1);
  });

  test("waits while another program holds the lock, and says for whom", async () => {
    const program = [
      `${checkout}/node_modules/.bin/node`,
      `${checkout}/test/support/lock-holder.ts`,
      "/run/regclient/lock",
    ];
    const holder = await lab.client.start(program);
    await expect.poll(() => holder.output()).toContain("held");
    const waiting = lab.enroll(["--no-verify"]);
    setTimeout(() => void holder.stop(), 1500);
    const done = await waiting;
    expectDone(done);
    expect(done.stderr).toContain("waiting for process of a test");
    expectDone(await lab.regclient(["unenroll", "devregistry"]));
    await expectUntouched(lab.client, before);
  });

  test("twice at once: one enrolls, and the other has nothing to do, whichever comes first", async () => {
    const both = await Promise.all([lab.enroll(["--no-verify"]), lab.enroll(["--no-verify"])]);
    for (const one of both) expectDone(one);
    expect(both.filter(({ stdout }) => stdout.includes("nothing was changed"))).toHaveLength(1);
    expectDone(await lab.regclient(["unenroll", "devregistry"]));
    await expectUntouched(lab.client, before);
  });
});
