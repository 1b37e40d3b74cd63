import { afterAll, beforeAll, expect, test } from "vitest";
import { requireLab } from "./lab.ts";
import { expectDone, startClientLab, type ClientLab } from "./support/client-lab.ts";

requireLab();

let lab: ClientLab;
beforeAll(async () => {
  lab = await startClientLab();
  // before dockerd: Go reads the hosts file again only after five seconds
  expectDone(await lab.enroll(["--vault", "sealed", "--no-verify"]));
  await lab.client.startDockerd();
});
afterAll(() => lab[Symbol.asyncDispose]());

/** Name, way and detail of each check. */
async function lightChecks(more: readonly string[]): Promise<readonly string[]> {
  const { stdout } = await lab.regclient(["verify", "--light", "--output", "json", ...more]);
  const { reports } = JSON.parse(stdout) as {
    readonly reports: readonly {
      readonly ways: readonly { readonly via: string; readonly checks: readonly Record<string, string>[] }[];
    }[];
  };
  return reports.flatMap(({ ways }) =>
    ways.flatMap(({ via, checks }) => checks.map(({ name, status }) => `${via} ${name} ${status}`)),
  );
}

/** Path and size of everything that the registry keeps. */
async function listStorage(): Promise<string> {
  const files = ["find", "/var/lib/devregistry", "-path", "*/registry/v2/*", "-type", "f", "-printf", "%p %s\n"];
  return expectDone(await lab.registry.run(files))
    .split("\n")
    .sort()
    .join("\n")
    .trim();
}

test("goes directly even where an engine runs, and leaves one blob of two bytes, however often it is run", async () => {
  const direct = ["name", "tls", "ping", "login", "write access"].map((name) => `direct ${name} passed`);
  expect(await lightChecks([])).toEqual(direct);
  const storage = await listStorage();
  expect(storage).toMatch(/\/sha256\/44\/44136fa355b3678a[0-9a-f]{48}\/data 2$/m);
  expect(storage).not.toMatch(/_uploads|_manifests/);
  expect(await lightChecks([])).toEqual(direct);
  expect(await listStorage()).toBe(storage);
});

test("with --via docker the engine logs in, and neither side gets anything", async () => {
  const storage = await listStorage();
  expect(await lightChecks(["--via", "docker"])).toEqual(["docker engine passed", "docker login passed"]);
  expect(await listStorage()).toBe(storage);
  expect(expectDone(await lab.docker(["image", "ls", "--quiet"]))).toBe("");
});

test("an engine whose trust is gone says so, and gets no further", async () => {
  expectDone(await lab.client.run(["rm", "-r", "/etc/docker/certs.d"]));
  const ran = await lab.regclient(["verify", "--light", "--via", "docker", "--output", "json"]);
  expect(JSON.parse(ran.stdout)).toMatchObject({ problems: [{ code: "RC-ENG-003" }] });
  expect(expectDone(await lab.regclient(["reconcile"]))).toContain("devregistry");
  expect(await lightChecks(["--via", "docker"])).toEqual(["docker engine passed", "docker login passed"]);
});
