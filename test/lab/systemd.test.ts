import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { requireLab, type CommandResult } from "./lab.ts";
import { expectNothingLeft } from "./support/abandoned.ts";
import { makeController } from "./support/ansible.ts";
import { login, loginArgs, startClientLab, type ClientLab } from "./support/client-lab.ts";
import { bootMachine, type Machine } from "./support/machine.ts";
import { makeMachineTree, type MachineTree } from "./support/machine-tree.ts";
import { removeWhole } from "./support/remove-whole.ts";
import {
  overrideUnit,
  patient,
  readJournal,
  showUnit,
  waitForState,
  waitForSuccessor,
  type JournalEntry,
} from "./support/units.ts";

requireLab();

const SERVICE = "regclient.service";
const SOCKET = "/run/regclient/credentials.sock";
const RECORD = "/var/lib/regclient/verifications/devregistry.json";
const STAMP = "/var/lib/systemd/timers/stamp-regclient-verify.timer";
const BUNDLE = "/etc/docker/certs.d/devregistry:443/ca.crt";
const DECLARATION = "/etc/regclient/registries.d/devregistry.yaml";

let tree: MachineTree;
let lab: ClientLab;
let machine: Machine;
beforeAll(async () => {
  // Ansible needs it
  tree = await makeMachineTree(["python3"]);
  lab = await startClientLab({ tree: tree.path });
  machine = await bootMachine(lab.client);
  await machine.must(["useradd", "--create-home", "--groups", "docker", "ben"]);
  await machine.must(["useradd", "--create-home", "carl"]);
  // what comes between a start and the first look is found soon
  write("/etc/regclient/daemon.yaml", "version: 1\nreconcile: { interval: 10s, startSpread: 0s }\n");
  await machine.must(["systemctl", "restart", SERVICE]);
}, 480_000);
afterAll(async () => {
  await lab?.[Symbol.asyncDispose]();
  tree?.remove();
});

const read = (path: string): string => readFileSync(machine.path(path), "utf8");
const write = (path: string, text: string): void => writeFileSync(machine.path(path), text);
const show = async (unit = SERVICE): Promise<Readonly<Record<string, string>>> => showUnit(machine, unit);
const mainPid = async (): Promise<string> => (await show())["MainPID"] ?? "";

async function askLogin(user = "root"): Promise<CommandResult> {
  const helper = ["/opt/regclient/bin/docker-credential-regclient", "get"];
  return machine.run(helper, { stdin: "devregistry:443", user, cwd: "/" });
}

async function entry(unit: string, message: RegExp): Promise<JournalEntry | undefined> {
  return (await readJournal(machine, unit)).find((each) => message.test(each.message));
}

async function enroll(): Promise<void> {
  const users = ["--user", "root", "--user", "ben", "--vault", "systemd"];
  const argv = ["regclient", "enroll", "devregistry", "--address", "10.10.62.103", ...loginArgs(lab.fingerprint)];
  await machine.must([...argv, ...users], { stdin: `${login.password}\n` });
}

describe("the units", () => {
  test.each(["regclient.service", "regclient-verify.service"])("%s leaves little open", async (unit) => {
    const { stdout, code } = await machine.run(["systemd-analyze", "security", "--threshold=30", "--no-pager", unit]);
    const exposure = Number(/Overall exposure level for \S+: ([\d.]+)/.exec(stdout)?.[1]);
    expect({ code, exposure: exposure < 3 ? "below 3.0" : exposure }).toEqual({ code: 0, exposure: "below 3.0" });
  });

  test("systemd finds nothing wrong with them", async () => {
    const units = ["regclient.service", "regclient.socket", "regclient-verify.service", "regclient-verify.timer"];
    expect(await machine.run(["systemd-analyze", "verify", "--man=no", ...units])).toMatchObject({
      code: 0,
      stdout: "",
      stderr: "",
    });
  });

  test("verification waits for a registry", async () => {
    await machine.must(["systemctl", "start", "regclient-verify.service"]);
    expect(await show("regclient-verify.service")).toMatchObject({ ConditionResult: "no", ActiveState: "inactive" });
  });
});

describe("the service", () => {
  test("comes up at boot, ready, and says what it does", async () => {
    const { ActiveState, StatusText, NRestarts, Type } = await show();
    expect({ ActiveState, NRestarts, Type }).toEqual({ ActiveState: "active", NRestarts: "0", Type: "notify" });
    expect(StatusText).toContain(`serving logins on ${SOCKET}`);
    expect(await entry(SERVICE, /^started part=credentials /)).toMatchObject({ priority: 5, identifier: "regclient" });
  });

  test("gives the login of a registry that is enrolled while it runs", async () => {
    await enroll();
    for (const user of ["root", "ben"])
      expect(JSON.parse((await askLogin(user)).stdout)).toMatchObject({
        Username: login.username,
        Secret: login.password,
      });
    expect((await askLogin("carl")).code).not.toBe(0);
    expect(await entry(SERVICE, /^login asked for .*outcome=given/)).toMatchObject({ priority: 6 });
    const journal = JSON.stringify(await readJournal(machine, SERVICE));
    expect(journal).not.toContain(login.password);
  });

  test("may write where enrollments lie, and nowhere else", async () => {
    const attempt = `for place; do if touch "$place/x" 2>/dev/null; then rm "$place/x"; echo "$place"; fi; done`;
    const open = ["/etc", "/etc/docker/certs.d", "/etc/regclient", "/var/lib", "/var/lib/regclient", "/run/regclient"];
    const homes = ["/root/.docker", "/home/ben/.docker"];
    const shut = ["/usr", "/opt", "/boot", "/srv", "/var/log", "/var/lib/docker"];
    await machine.must(["mkdir", "-p", "/var/lib/docker"]);
    await machine.must(["systemctl", "restart", SERVICE]);
    const inside = ["nsenter", "--target", await mainPid(), "--mount", "sh", "-c", attempt, "sh"];
    const found = await machine.must([...inside, ...open, ...homes, ...shut]);
    expect(found.trim().split("\n")).toEqual([...open, ...homes]);
  });

  test("heals what somebody has changed, in every place that it writes to", async () => {
    const paths = ["/etc/hosts", "/root/.docker/config.json", "/home/ben/.docker/config.json"];
    const before = [BUNDLE, ...paths].map(read);
    removeWhole(machine.path("/etc/docker/certs.d"));
    await machine.must(["sed", "-i", "/devregistry/d", "/etc/hosts"]);
    for (const path of paths.slice(1)) write(path, "{}\n");
    const now = (): readonly string[] =>
      [BUNDLE, ...paths].map((path) => (existsSync(machine.path(path)) ? read(path).replaceAll(/\s/g, "") : ""));
    await expect.poll(now, patient).toEqual(before.map((text) => text.replaceAll(/\s/g, "")));
    const ben = Number(await machine.must(["id", "--user", "ben"]));
    expect(statSync(machine.path("/home/ben/.docker/config.json")).uid).toBe(ben);
    expect(await entry(SERVICE, /^put right registry=devregistry /)).toMatchObject({ priority: 5 });
  });

  test("reads its configuration again on reload, as the same process, and a broken declaration does it no harm", async () => {
    const pid = await mainPid();
    await machine.must(["systemctl", "reload", SERVICE]);
    await expect.poll(async () => entry(SERVICE, /^reloaded/), patient).toMatchObject({ priority: 5 });
    const before = read(DECLARATION);
    write(DECLARATION, "version: 1\nregistry: [\n");
    write("/etc/regclient/registries.d/other.yaml", "\u0000: {");
    await machine.must(["systemctl", "reload", SERVICE]);
    await expect.poll(async () => entry(SERVICE, /RC-CFG-001/), patient).toMatchObject({ priority: 4 });
    write(DECLARATION, before);
    rmSync(machine.path("/etc/regclient/registries.d/other.yaml"));
    await machine.must(["systemctl", "reload", SERVICE]);
    await waitForState(machine, SERVICE, "active");
    expect(await show()).toMatchObject({ MainPID: pid, NRestarts: "0", Result: "success" });
    expect((await askLogin("ben")).code).toBe(0);
  });
});

/** What the registry keeps: path and bytes of everything. */
async function listStorage(): Promise<readonly string[]> {
  const search = ["find", "/var/lib/devregistry", "-path", "*/registry/v2/*", "-printf", "%p %s\\n"];
  const found = await lab.registry.run(search);
  expect(found).toMatchObject({ code: 0 });
  return found.stdout.trim().split("\n").sort();
}

const lastVerification = (): unknown => (existsSync(machine.path(RECORD)) ? JSON.parse(read(RECORD)) : undefined);
const passed = {
  version: 1,
  registry: "devregistry",
  at: expect.any(String),
  ok: true,
  mode: "light",
  tookMs: expect.any(Number),
};

describe("verification", () => {
  test("is run by its timer, leaves a record here, and the registry as it was", async () => {
    await overrideUnit(
      machine,
      "regclient-verify.timer",
      "[Timer]\nOnCalendar=\nOnCalendar=*:*:*\nRandomizedDelaySec=0\n",
    );
    await machine.must(["systemctl", "restart", "regclient-verify.timer"]);
    await expect.poll(lastVerification, patient).toEqual(passed);
    await overrideUnit(machine, "regclient-verify.timer", undefined);
    await machine.must(["systemctl", "restart", "regclient-verify.timer"]);
    await waitForState(machine, "regclient-verify.service", "inactive");
    expect(await show("regclient-verify.service")).toMatchObject({ Result: "success", ExecMainStatus: "0" });
    const storage = await listStorage();
    expect(storage.filter((each) => each.includes("/_uploads/"))).toEqual([]);
    await machine.must(["systemctl", "start", "regclient-verify.service"]);
    expect(await listStorage()).toEqual(storage);
    expect(
      await entry("regclient-verify.service", /write access .*upload session of regclient-smoke opened and ended/),
    ).toMatchObject({
      identifier: "regclient",
    });
    expect(await machine.must(["regclient", "status"])).toMatch(/^ {2}verified .* UTC \(light, \d+ ms\) ✓$/m);
    expect(await show("regclient.service")).toMatchObject({ ActiveState: "active" });
  });

  test("comes once an hour, at a minute of the host's own, and what was missed is made up for", async () => {
    const { Persistent, FixedRandomDelay, RandomizedDelayUSec, TimersCalendar } = await show("regclient-verify.timer");
    expect({ Persistent, FixedRandomDelay, RandomizedDelayUSec }).toEqual({
      Persistent: "yes",
      FixedRandomDelay: "yes",
      RandomizedDelayUSec: "1h",
    });
    expect(TimersCalendar).toContain("OnCalendar=*-*-* *:00:00");
    expect(existsSync(machine.path(STAMP))).toBe(true);
  });

  test("that fails is a failed unit with the finding's code on record", async () => {
    await lab.setCable(lab.registry, "down");
    const failed = await machine.run(["systemctl", "start", "regclient-verify.service"]);
    await lab.setCable(lab.registry, "up");
    expect(failed.code).toBe(1);
    const { Result, ExecMainStatus } = await show("regclient-verify.service");
    expect({ Result, ExecMainStatus }).toEqual({ Result: "exit-code", ExecMainStatus: "5" });
    expect(lastVerification()).toMatchObject({ ok: false, code: expect.stringMatching(/^RC-NET-/) });
    expect(await entry("regclient-verify.service", /^regclient: error: /)).toMatchObject({ priority: 3 });
    await machine.must(["systemctl", "start", "regclient-verify.service"]);
    expect(lastVerification()).toEqual(passed);
  });
});

describe("a service in trouble", () => {
  test("that hangs is killed by the watchdog, and begins anew", async () => {
    await overrideUnit(machine, SERVICE, "[Service]\nWatchdogSec=2s\nRestartSec=100ms\n");
    await machine.must(["systemctl", "restart", SERVICE]);
    const pid = await mainPid();
    await machine.must(["kill", "-STOP", pid]);
    await waitForSuccessor(machine, SERVICE, pid);
    expect(await entry(SERVICE, /Watchdog timeout/)).toBeDefined();
    expect(await show()).toMatchObject({ NRestarts: "1" });
    expect((await askLogin("ben")).code).toBe(0);
  });

  test("that is killed again and again ends as failed, and says why", async () => {
    await machine.must(["systemctl", "reset-failed", SERVICE]);
    for (let kills = 0; kills < 10 && (await show())["ActiveState"] !== "failed"; kills += 1) {
      const pid = await mainPid();
      await machine.must(["systemctl", "kill", "--signal=KILL", SERVICE]);
      const isOver = async (): Promise<boolean> => {
        const { ActiveState, MainPID } = await show();
        return ActiveState === "failed" || (ActiveState === "active" && MainPID !== pid);
      };
      await expect.poll(isOver, patient).toBe(true);
    }
    const { code, stdout } = await machine.run(["systemctl", "status", "--no-pager", SERVICE]);
    expect({ code, stdout }).toEqual({
      code: 3,
      stdout: expect.stringMatching(/Active: failed .*\(Result: (signal|start-limit-hit)\)/),
    });
    expect(await entry(SERVICE, /Start request repeated too quickly/)).toBeDefined();
    const asked = await askLogin("ben");
    expect(asked.code).not.toBe(0);
    await machine.must(["systemctl", "reset-failed", SERVICE, "regclient.socket"]);
    await machine.must(["systemctl", "start", "regclient.socket", SERVICE]);
    expect((await askLogin("ben")).code).toBe(0);
    await overrideUnit(machine, SERVICE, undefined);
    await machine.must(["systemctl", "restart", SERVICE]);
  });

  test("stops in its time, leaves the socket to systemd, and begins at the next question", async () => {
    await machine.must(["systemctl", "stop", SERVICE], { timeoutMs: 10_000 });
    expect(await show()).toMatchObject({ ActiveState: "inactive", Result: "success" });
    expect(statSync(machine.path(SOCKET)).isSocket()).toBe(true);
    expect((await askLogin("ben")).code).toBe(0);
    await waitForState(machine, SERVICE, "active");
    await machine.must(["systemctl", "stop", SERVICE, "regclient.socket"], { timeoutMs: 10_000 });
    expect(existsSync(machine.path(SOCKET))).toBe(false);
    await machine.must(["systemctl", "start", SERVICE]);
    expect((await askLogin("ben")).code).toBe(0);
  });
});

describe("a machine that is switched off and on", () => {
  test("has it all again: service, socket, timer, login, and what was recorded", async () => {
    const record = read(RECORD);
    const stamp = statSync(machine.path(STAMP)).mtimeMs;
    await machine.reboot();
    for (const unit of [SERVICE, "regclient.socket", "regclient-verify.timer"]) {
      expect(await show(unit)).toMatchObject({ ActiveState: "active", UnitFileState: "enabled" });
    }
    expect(JSON.parse((await askLogin("ben")).stdout)).toMatchObject({ Secret: login.password });
    expect(read(RECORD)).toBe(record);
    expect(statSync(machine.path(STAMP)).mtimeMs).toBe(stamp);
  });
});

describe("Ansible's role", () => {
  test("starts and enables what is not, tells so before with --check, and changes nothing the second time", async () => {
    const units = [SERVICE, "regclient.socket", "regclient-verify.timer"];
    await machine.must(["systemctl", "disable", "--now", ...units]);
    using controller = makeController([{ name: "client1", pid: machine.initPid() }]);
    const play = async (...options: readonly string[]): Promise<object> => {
      const playbook = [{ hosts: "docker_hosts", gather_facts: false, roles: ["regclient"] }];
      const { code, changed } = await controller.play(playbook, options);
      return { code, changed: changed["client1"], state: (await show())["ActiveState"] };
    };
    expect(await play("--check")).toEqual({ code: 0, changed: 1, state: "inactive" });
    expect(await play()).toEqual({ code: 0, changed: 1, state: "active" });
    expect(await play()).toEqual({ code: 0, changed: 0, state: "active" });
    for (const unit of units) expect(await show(unit)).toMatchObject({ UnitFileState: "enabled" });
  });
});

describe("a test that is killed", () => {
  test("leaves no machine behind", () => expectNothingLeft("abandoned-machine.ts", [tree.path], "SIGKILL"));
});

describe("the state directory", () => {
  test("goes with the last enrollment while the service runs, which makes it again for the next", async () => {
    const pid = await mainPid();
    const declared = read(DECLARATION).replace(/^credentials:\n(?: .*\n)*/m, "");
    await machine.must(["regclient", "unenroll", "devregistry"]);
    expect(existsSync(machine.path("/var/lib/regclient"))).toBe(false);
    expect(existsSync(machine.path(BUNDLE))).toBe(false);
    await machine.must(["systemctl", "start", "regclient-verify.service"]);
    expect(await show("regclient-verify.service")).toMatchObject({ ConditionResult: "no" });

    await machine.must(["mkdir", "-p", "/etc/regclient/registries.d"]);
    write(DECLARATION, declared);
    await machine.must(["systemctl", "reload", SERVICE]);
    await expect.poll(() => existsSync(machine.path(BUNDLE)), patient).toBe(true);
    expect(existsSync(machine.path("/var/lib/regclient/registries/devregistry.json"))).toBe(true);
    expect(await mainPid()).toBe(pid);
    const journal = await readJournal(machine, SERVICE);
    expect(journal.filter(({ priority, message }) => priority <= 3 || /EROFS|EBUSY/.test(message))).toEqual([]);
  });
});
