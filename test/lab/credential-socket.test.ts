import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Answer } from "../../src/credentials/socket-protocol.ts";
import type { Unanswered } from "../../src/credentials/socket-client.ts";
import { requireLab, type CommandOptions, type CommandResult, type RunningCommand } from "./lab.ts";
import { login, programPath, startClientLab, type ClientLab } from "./support/client-lab.ts";
import { checkout } from "./support/holder.ts";

requireLab();

const SOCKET = "/run/regclient/credentials.sock";
const DECLARATION = "/etc/regclient/registries.d/devregistry.yaml";

let lab: ClientLab;
beforeAll(async () => {
  lab = await startClientLab();
  await must(["groupadd", "ops"]);
  await must(["useradd", "--create-home", "--groups", "docker", "anna"]);
  await must(["useradd", "--create-home", "--groups", "docker,ops", "ben"]);
  await must(["useradd", "--create-home", "carl"]);
  // no Docker runs here, and none is needed to keep a login
  const enrolled = await lab.enroll(["--vault", "sealed", "--no-verify"]);
  expect({ code: enrolled.code, stderr: enrolled.code === 0 ? "" : enrolled.stderr }).toEqual({ code: 0, stderr: "" });
});
afterAll(() => lab[Symbol.asyncDispose]());

async function must(argv: readonly string[]): Promise<CommandResult> {
  const done = await lab.client.run(argv);
  expect(done).toMatchObject({ code: 0 });
  return done;
}

/** Asks with the client that the credential helper uses, and reveals what it says. */
async function ask(user: string, server = "devregistry:443"): Promise<Answer | Unanswered> {
  const sources = join(checkout, "src/credentials");
  const script = `
    import { askSocket } from ${JSON.stringify(join(sources, "socket-client.ts"))};
    import { reveal } from ${JSON.stringify(join(sources, "secret.ts"))};
    const answer = await askSocket(${JSON.stringify(SOCKET)}, ${JSON.stringify(server)}, { timeoutMs: 10_000 });
    console.log(JSON.stringify(answer.kind === "login" ? { ...answer, secret: reveal(answer.secret) } : answer));
  `;
  const node = join(checkout, "node_modules/.bin/node");
  const options: CommandOptions = { user, cwd: "/" };
  const { stdout, stderr } = await lab.client.run([node, "--input-type=module", "--eval", script], options);
  if (stdout === "") throw new Error(stderr);
  return JSON.parse(stdout) as Answer | Unanswered;
}

async function whileRunning(argv: readonly string[], work: (daemon: RunningCommand) => Promise<void>): Promise<string> {
  const daemon = await lab.client.start(argv, { env: programPath });
  try {
    await expect.poll(() => daemon.output(), { timeout: 20_000 }).toMatch(/started|Listening on/);
    await work(daemon);
  } finally {
    await daemon.stop();
  }
  return daemon.output();
}

const given = { kind: "login", username: login.username, secret: login.password };

describe("a daemon that makes its own socket", () => {
  const argv = ["regclient", "daemon", "--socket", SOCKET];

  test("gives the login to root and to group docker, and logs who had it", async () => {
    const output = await whileRunning(argv, async () => {
      const { mode, gid } = statSync(lab.client.path(SOCKET));
      const docker = /^docker:x:(\d+):/m.exec(readFileSync(lab.client.path("/etc/group"), "utf8"))?.[1];
      expect([mode & 0o7777, gid]).toEqual([0o660, Number(docker)]);
      expect(await ask("root")).toEqual(given);
      expect(await ask("anna")).toEqual(given);
      expect(await ask("anna", "devregistry")).toEqual(given);
    });
    const uid = (await must(["id", "--user", "anna"])).stdout.trim();
    expect(output).toMatch(
      new RegExp(
        `^\\S+Z info login asked for uid=${uid} gid=\\d+ pid=[1-9]\\d* registry=devregistry outcome=given ms=\\d+$`,
        "m",
      ),
    );
    expect(output).not.toContain(login.password);
    expect(() => statSync(lab.client.path(SOCKET))).toThrow("ENOENT");
  });

  test("who is not in the socket's group cannot even ask", async () => {
    await whileRunning(argv, async () => {
      expect(await ask("carl")).toMatchObject({
        kind: "error",
        error: "not-allowed",
        reason: expect.stringContaining(SOCKET),
      });
      const raw = await lab.client.run(["curl", "--silent", "--show-error", "--unix-socket", SOCKET, "http://x/"], {
        user: "carl",
        cwd: "/",
      });
      expect(raw.code).toBe(7);
    });
  });

  test("the groups that a registry declares decide, as soon as they are declared", async () => {
    const path = lab.client.path(DECLARATION);
    const before = readFileSync(path, "utf8");
    const output = await whileRunning(argv, async () => {
      writeFileSync(path, before.replace(/^credentials:\n/m, "credentials:\n  groups: [ops]\n"));
      expect(await ask("anna")).toMatchObject({ kind: "error", error: "not-allowed" });
      expect(await ask("ben")).toEqual(given);
      expect(await ask("root")).toEqual(given);
      writeFileSync(path, before.replace(/^credentials:\n/m, "credentials:\n  grups: [ops]\n"));
      expect(await ask("anna")).toMatchObject({
        kind: "error",
        error: "unavailable",
        reason: expect.stringContaining("grups"),
      });
      writeFileSync(path, before);
      expect(await ask("anna")).toEqual(given);
    });
    expect(output).toMatch(
      /^\S+Z warning login asked for uid=\d+ gid=\d+ pid=\d+ registry=devregistry outcome=not-allowed /m,
    );
  });

  test("a second daemon leaves the first alone, and one that was killed is followed by the next", async () => {
    await whileRunning(argv, async (first) => {
      const second = await lab.regclient(["daemon", "--socket", SOCKET]);
      expect(second.code).toBe(8);
      expect(second.stderr).toContain("RC-CRD-023");
      expect(await ask("anna")).toEqual(given);
      await first.stop("SIGKILL");
    });
    expect(statSync(lab.client.path(SOCKET)).isSocket()).toBe(true);
    await whileRunning(argv, async () => expect(await ask("anna")).toEqual(given));
  });

  test("without a socket it says what to do", async () => {
    const refused = await lab.regclient(["daemon"]);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain("systemctl enable --now regclient.socket");
  });
});

describe("a daemon that systemd starts at the first question", () => {
  test("takes the socket that is passed, and leaves its file", async () => {
    await must(["mkdir", "-p", "/run/regclient"]);
    await must(["rm", "-f", SOCKET]);
    const argv = ["systemd-socket-activate", `--listen=${SOCKET}`, "--fdname=credentials", "regclient", "daemon"];
    const path = `--setenv=PATH=${programPath.PATH}`;
    const output = await whileRunning([...argv.slice(0, 3), path, ...argv.slice(3)], async () => {
      expect(await ask("root")).toEqual(given);
      await must(["chgrp", "docker", SOCKET]);
      await must(["chmod", "0660", SOCKET]);
      expect(await ask("anna", "https://devregistry")).toEqual(given);
      expect(await ask("anna", "other.test")).toMatchObject({ kind: "error", error: "not-found" });
    });
    expect(output).toContain(`status="serving logins on ${SOCKET}"`);
    expect(output).toMatch(/notice stopped$/m);
    expect(statSync(lab.client.path(SOCKET)).isSocket()).toBe(true);
  });
});
