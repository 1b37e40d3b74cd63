import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, lstatSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { askSocket } from "../../src/credentials/socket-client.ts";
import { say } from "../daemon/metrics/serving.ts";
import { runCommand } from "../support/command-line.ts";
import { makeScratchRoot, snapshotTree } from "../support/scratch-root.ts";

const main = join(import.meta.dirname, "../../src/main.ts");
const REQUEST = "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n";
const declaration = "version: 1\nregistry: devregistry\ntrust:\n  systemCAs: true\n";

/** `regclient daemon` as a process of its own, once it has said that each of `parts` began. */
async function startDaemon(root: string, argv: readonly string[], parts: readonly string[]) {
  const said: string[] = [];
  const options = ["--disable-warning=ExperimentalWarning", main, "daemon", "--root", root, ...argv];
  const daemon = spawn(process.execPath, options, { stdio: ["ignore", "ignore", "pipe"] });
  onTestFinished(() => void daemon.kill("SIGKILL"));
  daemon.stderr.setEncoding("utf8").on("data", (text: string) => said.push(text));
  const begun = (): boolean => parts.every((part) => said.join("").includes(`part=${part} `));
  await expect.poll(() => begun() || said.join(""), { timeout: 20_000 }).toBe(true);
  return { daemon, said: () => said.join("") };
}

async function stop(daemon: ChildProcess): Promise<number | null> {
  const ended = once(daemon, "exit");
  daemon.kill("SIGTERM");
  return ((await ended) as [number | null])[0];
}

test("a daemon answers at both sockets, and writes the file", { timeout: 30_000 }, async () => {
  const root = makeScratchRoot({
    "/etc/regclient/registries.d/devregistry.yaml": declaration,
    "/var/lib/node_exporter/other.prom": "",
  });
  const sockets = ["--socket", join("/run/regclient/c.sock"), "--metrics-listen", "unix:/run/regclient/m.sock"];
  const file = ["--metrics-textfile", "/var/lib/node_exporter/regclient.prom"];
  const parts = ["credentials", "metrics", "metrics-textfile"];
  const { daemon, said } = await startDaemon(root, [...sockets, ...file], parts);
  const at = { path: join(root, "/run/regclient/m.sock") };
  expect(statSync(at.path).mode & 0o7777).toBe(0o660);
  expect(await askSocket(join(root, "/run/regclient/c.sock"), "other.test", { timeoutMs: 5000 })).toMatchObject({
    kind: "error",
    error: "not-found",
  });
  await expect
    .poll(async () => say(at, REQUEST))
    .toContain('regclient_credential_requests_total{outcome="not-found"} 1');
  const written = join(root, "/var/lib/node_exporter/regclient.prom");
  expect(readFileSync(written, "utf8")).toContain("\nregclient_build_info{version=");
  expect(lstatSync(written).mode & 0o7777).toBe(0o644);
  expect(said()).toContain('part=metrics status="serving metrics on ');
  expect(await stop(daemon)).toBe(0);
  expect([existsSync(at.path), existsSync(written)]).toEqual([false, true]);
});

test("a daemon answers on the loopback", { timeout: 30_000 }, async () => {
  const root = makeScratchRoot({ "/etc/x": "" });
  const argv = ["--socket", "/run/c.sock", "--metrics-listen", "127.0.0.1:0"];
  const { daemon, said } = await startDaemon(root, argv, ["metrics"]);
  const port = Number(/http:\/\/127\.0\.0\.1:(\d+)\/metrics/.exec(said())?.[1]);
  expect(await say({ host: "127.0.0.1", port }, REQUEST)).toMatch(/^HTTP\/1\.1 200 [^]*\nregclient_build_info\{/);
  expect(await stop(daemon)).toBe(0);
});

test.each([
  [["--metrics-listen", "0.0.0.0:9687"], "only addresses of the loopback"],
  [["--metrics-listen", "localhost:9687"], "the host must be an address"],
  [["--metrics-listen", "unix:m.sock"], "must be absolute"],
  [["--metrics-textfile", "/var/lib/x/metrics.txt"], "must end in .prom"],
  [["--metrics-listen", "127.0.0.1:0", "--metrics-listen", "[::1]:0"], "more than once"],
])("%j is refused with exit code 2 before anything is begun", async (argv, reason) => {
  const root = makeScratchRoot({ "/etc/x": "", "/var/lib/x/y": "" });
  const before = snapshotTree(root);
  const { exit, err } = await runCommand(["daemon", "--socket", "/run/regclient/c.sock", ...argv], { root });
  expect(exit).toBe(2);
  expect(err).toContain(reason);
  expect([snapshotTree(root), existsSync(join(root, "run"))]).toEqual([before, false]);
});
