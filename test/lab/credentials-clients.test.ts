import { readFileSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { requireLab } from "./lab.ts";
import { expectDone, findText, login, startClientLab, type ClientLab } from "./support/client-lab.ts";
import { checkout } from "./support/holder.ts";
import { sampleWhile } from "./support/process-samples.ts";

requireLab();

const image = "devregistry:443/app";
// what systemd gives a service (systemd.exec(5)), and all it has
const bare = ["env", "-i", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin"];
const podman = ["podman", "--root=/var/lib/containers/lab", "--runroot=/run/containers-lab", "--storage-driver=vfs"];

let lab: ClientLab;
let hasCompose = false;
beforeAll(async () => {
  lab = await startClientLab();
  // as when it is installed
  for (const name of ["regclient", "docker-credential-regclient"])
    symlinkSync(join(checkout, "bin", name), lab.client.path(`/usr/local/bin/${name}`));
  await lab.client.startDockerd();
  const make = "echo hello >/tmp/greeting && tar --directory /tmp --create greeting";
  await done(["sh", "-c", `${make} | docker import - ${image}`]);
  hasCompose = (await lab.client.run(["docker", "compose", "version"])).code === 0;
});
afterAll(() => lab[Symbol.asyncDispose]());

async function done(argv: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<string> {
  return expectDone(await lab.client.run(argv, { env }));
}

describe.each(["systemd", "sealed"])("a login kept by %s", (vault) => {
  beforeAll(async () => {
    // proving it also waits until dockerd has read /etc/hosts again
    expectDone(await lab.enroll(["--vault", vault]));
  });
  afterAll(async () => {
    expectDone(await lab.regclient(["unenroll", "devregistry"]));
  });

  test("is where it was to be, and Docker's config names only the helper", async () => {
    const status = JSON.parse(await done(["regclient", "status", "--output", "json"])) as object;
    expect(status).toMatchObject({ registries: [{ login: { username: login.username, vault } }] });
    const config = readFileSync(lab.client.path("/root/.docker/config.json"), "utf8");
    expect(JSON.parse(config)).toEqual({ credHelpers: { devregistry: "regclient", "devregistry:443": "regclient" } });
  });

  test.each<[string, readonly string[]]>([
    ["root", []],
    ["a process without a session and an environment", bare],
  ])("is found by docker, skopeo and podman of %s", async (_, as) => {
    const digest = /digest: (sha256:\S+)/.exec(await done([...as, "docker", "push", image]))?.[1];
    await done([...as, "docker", "image", "rm", image]);
    expect(await done([...as, "docker", "pull", image])).toContain(`Digest: ${digest}`);

    const shown = await done([...as, "skopeo", "inspect", "--format={{.Digest}}", `docker://${image}`]);
    expect(shown.trim()).toBe(digest);
    await done([...as, "skopeo", "copy", `docker://${image}`, `docker://${image}:copied`]);
    await done([...as, "skopeo", "copy", `docker://${image}:copied`, "dir:/tmp/copied"]);

    await done([...as, ...podman, "pull", image]);
    await done([...as, ...podman, "push", image, `docker://${image}:by-podman`]);
    await done([...as, ...podman, "image", "rm", image]);
  });

  test("is found by docker compose, where that is installed", async ({ skip }) => {
    if (!hasCompose) {
      process.stderr.write("NOT TESTED: docker compose pull, because there is no docker compose on this machine\n");
      skip("docker compose is not installed");
    }
    const file = JSON.stringify({ services: { app: { image } } });
    expectDone(await lab.client.run(["docker", "compose", "--file=-", "pull"], { stdin: file }));
  });

  test("is in no file, no command line and no environment while an image is pushed", async () => {
    const samples = await sampleWhile(lab.client, async () => {
      await done(["docker", "push", image]);
      await done([...bare, "skopeo", "inspect", `docker://${image}`]);
      await done([...podman, "pull", image]);
    });
    const seen = [...samples.commands];
    expect(seen.some((command) => command.endsWith("helper/main.cjs get"))).toBe(true);
    expect(seen.some((command) => command.startsWith("systemd-creds decrypt"))).toBe(vault === "systemd");
    expect(await findText(lab.client, login.password)).toEqual([]);
    expect(lab.client.dockerdLogs()).not.toContain(login.password);
    rmSync(lab.client.path(samples.path));
  });
});

test("what stands in an environment or a command line would have been found", async () => {
  const spill = { SPILLED: Buffer.from(`xl:${login.password}`).toString("base64") };
  const samples = await sampleWhile(lab.client, () => done(["sleep", "0.2"], spill));
  expect(await findText(lab.client, login.password)).toEqual([samples.path]);
  rmSync(lab.client.path(samples.path));
});
