import { chmodSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { requireLab, type CommandOptions } from "./lab.ts";
import { expectDone, findText, login, loginArgs, startClientLab, type ClientLab } from "./support/client-lab.ts";
import { checkout } from "./support/holder.ts";

requireLab();

const image = "devregistry:443/app";
const helpers = { devregistry: "regclient", "devregistry:443": "regclient" };
const podman = ["podman", "--root=/var/lib/containers/lab", "--runroot=/run/containers-lab", "--storage-driver=vfs"];

let lab: ClientLab;
beforeAll(async () => {
  lab = await startClientLab();
  // as when it is installed: sudo resets the search path
  for (const name of ["regclient", "docker-credential-regclient"])
    symlinkSync(join(checkout, "bin", name), lab.client.path(`/usr/local/bin/${name}`));
  await done(["useradd", "--create-home", "--groups", "docker", "anna"]);
  await done(["useradd", "--create-home", "ben"]);
  writeFileSync(lab.client.path("/etc/sudoers.d/anna"), "anna ALL=(ALL) NOPASSWD: ALL\n", { mode: 0o440 });
  await lab.client.startDockerd();
  // proving it also waits until dockerd has read /etc/hosts again
  expectDone(await lab.enroll(["--vault", "sealed"]));
  const make = "echo hello >/tmp/greeting && tar --directory /tmp --create greeting";
  await done(["sh", "-c", `${make} | docker import - ${image}`]);
  await done(["docker", "push", image]);
  await done(["regclient", "unenroll", "devregistry"]);
});
afterEach(async () => {
  await lab.client.run(["regclient", "unenroll", "devregistry"]);
});
afterAll(() => lab[Symbol.asyncDispose]());

async function done(argv: readonly string[], options: CommandOptions = {}): Promise<string> {
  return expectDone(await lab.client.run(argv, options));
}

/** Enrolls with whatever stands in front of `regclient`. */
async function enroll(
  before: readonly string[],
  more: readonly string[],
  options: CommandOptions = {},
): Promise<string> {
  const fixed = ["enroll", "devregistry", "--address", "10.10.62.103", "--vault", "sealed", "--no-verify"];
  const argv = [...before, "regclient", ...fixed, ...loginArgs(lab.fingerprint), ...more];
  return done(argv, { stdin: `${login.password}\n`, ...options });
}

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(lab.client.path(path), "utf8"));
}

/** `OWNER MODE` of a path of the host. */
function ownerOf(path: string): string {
  const { uid, gid, mode } = statSync(lab.client.path(path));
  const passwd = readFileSync(lab.client.path("/etc/passwd"), "utf8");
  const account = passwd.split("\n").find((line) => line.split(":")[2] === String(uid));
  const isOwnGroup = account?.split(":")[3] === String(gid);
  return `${account?.split(":")[0]}${isOwnGroup ? "" : " other group"} ${(mode & 0o7777).toString(8)}`;
}

function exists(path: string): boolean {
  return statSync(lab.client.path(path), { throwIfNoEntry: false }) !== undefined;
}

test("who calls it by sudo finds the login too, with owner and mode as their own docker makes them", async () => {
  await enroll(["sudo"], [], { user: "anna" });
  for (const path of ["/root/.docker/config.json", "/home/anna/.docker/config.json"])
    expect(readJson(path)).toEqual({ credHelpers: helpers });
  expect(ownerOf("/home/anna/.docker")).toBe("anna 700");
  expect(ownerOf("/home/anna/.docker/config.json")).toBe("anna 600");
  expect(ownerOf("/root/.docker/config.json")).toBe("root 600");
  await done(["sudo", "docker", "pull", image], { user: "anna" });
  await done(["sudo", "regclient", "unenroll", "devregistry"], { user: "anna" });
  expect(exists("/home/anna/.docker")).toBe(false);
  expect(exists("/root/.docker")).toBe(false);
});

test("a user in group docker pulls with docker, skopeo and podman, and has no password to read", async () => {
  await enroll(["sudo"], [], { user: "anna" });
  const told = await lab.client.run(["docker", "pull", image], { user: "anna" });
  expect(told).toMatchObject({ code: 1 });
  const daemon = await lab.client.start(["regclient", "daemon", "--socket", "/run/regclient/credentials.sock"]);
  try {
    await expect.poll(() => daemon.output(), { timeout: 20_000 }).toMatch(/started/);
    expect(await done(["docker", "pull", image], { user: "anna" })).toContain("Digest: sha256:");
    await done(["docker", "push", image], { user: "anna" });
    await done(["skopeo", "inspect", `docker://${image}`], { user: "anna" });
    const bare = ["env", "-i", "PATH=/usr/local/bin:/usr/bin"];
    await done([...bare, "docker", "pull", image], { user: "anna" });
    const stored = await lab.client.run(["docker-credential-regclient", "get"], {
      user: "ben",
      stdin: "devregistry:443",
    });
    expect(stored).toMatchObject({ code: 1, stdout: expect.stringContaining("may not use") as string });
  } finally {
    await daemon.stop();
  }
  expect(await findText(lab.client, login.password)).toEqual([]);
});

test("a user's own folder and file keep owner, mode and everything else that is in them", async () => {
  const before = '{ "psFormat":"x",\n    "auths": {"other.test":{"auth":"eDp5"}}}';
  mkdirSync(lab.client.path("/home/ben/.docker"));
  writeFileSync(lab.client.path("/home/ben/.docker/config.json"), before);
  await done(["chown", "-R", "ben:ben", "/home/ben/.docker"]);
  chmodSync(lab.client.path("/home/ben/.docker"), 0o750);
  chmodSync(lab.client.path("/home/ben/.docker/config.json"), 0o640);
  await enroll([], ["--user", "ben", "--user", "anna"]);
  expect(ownerOf("/home/ben/.docker")).toBe("ben 750");
  expect(ownerOf("/home/ben/.docker/config.json")).toBe("ben 640");
  expect(readJson("/home/ben/.docker/config.json")).toEqual({
    ...(JSON.parse(before) as object),
    credHelpers: helpers,
  });
  expect(readJson("/home/anna/.docker/config.json")).toEqual({ credHelpers: helpers });
  await done(["regclient", "unenroll", "devregistry"]);
  expect(readFileSync(lab.client.path("/home/ben/.docker/config.json"), "utf8")).toBe(before);
  expect(ownerOf("/home/ben/.docker/config.json")).toBe("ben 640");
  expect(ownerOf("/home/ben/.docker")).toBe("ben 750");
  expect(exists("/home/anna/.docker")).toBe(false);
});

test("a user that is not there is refused before anything is changed", async () => {
  const before = await lab.client.hashTree();
  const argv = ["enroll", "devregistry", "--no-verify", ...loginArgs(lab.fingerprint), "--user", "nobody-here"];
  const refused = await lab.client.run(["regclient", ...argv, "--address", "10.10.62.103"], {
    stdin: login.password,
  });
  expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining("--user nobody-here") as string });
  expect(await lab.client.hashTree()).toEqual(before);
});

test("DOCKER_CONFIG says where the caller's config lies", async () => {
  const env = { DOCKER_CONFIG: "/srv/docker config" };
  await enroll([], [], { env });
  expect(readJson("/srv/docker config/config.json")).toEqual({ credHelpers: helpers });
  expect(exists("/root/.docker")).toBe(false);
  await done(["docker", "pull", image], { env });
  await done(["regclient", "unenroll", "devregistry"]);
  expect(exists("/srv/docker config")).toBe(false);
});

test("the containers' auth.json keeps what it says of others, and podman finds the login all the same", async () => {
  const path = "/run/containers/0/auth.json";
  const before = '{"auths":{"other.test":{"auth":"eDp5"}},\n "credHelpers":{"third.test":"pass"}}';
  mkdirSync(lab.client.path("/run/containers/0"), { recursive: true });
  writeFileSync(lab.client.path(path), before, { mode: 0o600 });
  await enroll([], []);
  expect(readFileSync(lab.client.path(path), "utf8")).toBe(before);
  await done([...podman, "pull", image]);
  await done(["skopeo", "inspect", `docker://${image}`]);
  await done(["regclient", "unenroll", "devregistry"]);
  expect(readFileSync(lab.client.path(path), "utf8")).toBe(before);
  expect((await lab.client.run(["skopeo", "inspect", `docker://${image}`])).code).toBe(1);
});
