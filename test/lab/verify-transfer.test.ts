import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { requireLab } from "./lab.ts";
import { checkout } from "./support/holder.ts";
import { expectDone, startClientLab, type ClientLab } from "./support/client-lab.ts";

requireLab();

const DATA = "/var/lib/devregistry";
const REPOSITORY = `${DATA}/registry/docker/registry/v2/repositories/regclient-smoke`;

let lab: ClientLab;
beforeAll(async () => {
  lab = await startClientLab();
  await lab.client.startDockerd();
  expectDone(await lab.enroll(["--no-verify"]));
});
afterAll(() => lab[Symbol.asyncDispose]());

interface Report {
  readonly notes: readonly string[];
  readonly ways: readonly {
    readonly via: string;
    readonly checks: readonly {
      readonly name: string;
      readonly status: string;
      readonly detail: string;
      readonly transfer?: { readonly bytes: number; readonly mbPerSecond: number };
      readonly problem?: { readonly code: string; readonly cause: string; readonly evidence: readonly string[] };
    }[];
  }[];
}

function readReport(json: string): Report {
  const [report] = (JSON.parse(json) as { readonly reports: readonly Report[] }).reports;
  if (report === undefined) throw new Error(json);
  return report;
}

/** The tags and the bytes of unfinished uploads of the smoke repository, as they lie on the registry's disk. */
function leftInRegistry(): { readonly tags: readonly string[]; readonly uploaded: number } {
  const list = (folder: string): readonly string[] => {
    try {
      return readdirSync(lab.registry.path(`${REPOSITORY}/${folder}`));
    } catch {
      return [];
    }
  };
  const sizes = list("_uploads").map((id) => {
    const file = lab.registry.path(join(REPOSITORY, "_uploads", id, "data"));
    return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  });
  return { tags: list("_manifests/tags"), uploaded: sizes.reduce((sum, size) => sum + size, 0) };
}

test("30 MB directly and through the engine, measured, with reports; nothing stays", async () => {
  const reports = ["--report", "junit=/root/verify.xml", "--report", "html=/root/verify.html"];
  const done = await lab.regclient(["verify", "--size", "30M", "--output", "json", "--quiet", ...reports]);
  const report = readReport(expectDone(done));
  for (const { via, checks } of report.ways) {
    const measured = checks.filter(({ transfer }) => transfer !== undefined);
    expect([via, ...measured.map(({ name }) => name)]).toEqual([via, "push", "pull"]);
    for (const { transfer } of measured) {
      expect(transfer?.bytes).toBe(30_000_000);
      expect(transfer?.mbPerSecond).toBeGreaterThan(0);
    }
  }
  expect(report.ways.map(({ via }) => via)).toEqual(["direct", "docker", "podman"]);
  expect(leftInRegistry()).toEqual({ tags: [], uploaded: 0 });
  expect(expectDone(await lab.docker(["image", "ls", "--quiet"]))).toBe("");
  expect(readFileSync(lab.client.path("/root/verify.xml"), "utf8")).toContain('failures="0" errors="0" skipped="0"');
  expect(readFileSync(lab.client.path("/root/verify.html"), "utf8")).toContain("All work from client1");
});

/** Waits until `size` bytes of an upload lie on the registry's disk. */
async function untilUploaded(size: number): Promise<void> {
  const before = leftInRegistry().uploaded;
  const deadline = Date.now() + 60_000;
  while (leftInRegistry().uploaded - before < size) {
    if (Date.now() > deadline) throw new Error("no upload came");
    await wait(5);
  }
}

test.each(["SIGINT", "SIGTERM"] as const)(
  "%s in the middle of a push is told what stays in the registry, which is an upload that it clears up by itself",
  async (signal) => {
    const running = await lab.client.start(
      [`${checkout}/bin/regclient`, "verify", "--via", "direct", "--size", "4G", "--output", "json", "--quiet"],
      { timeoutMs: 100_000 },
    );
    await untilUploaded(5_000_000);
    process.kill(running.pid, signal);
    const ended = await running.ended;
    const { ways, notes } = readReport(running.output());
    const [way] = ways;
    expect(ended.code).toBe(5);
    expect(way?.checks.map(({ name, status }) => `${name} ${status}`).slice(-3)).toEqual([
      "push failed",
      "pull skipped",
      "clean up passed",
    ]);
    expect(way?.checks.at(-1)?.detail).toBe("an unfinished upload stays");
    expect(notes).toEqual([
      expect.stringContaining("an unfinished upload stays in regclient-smoke until the registry"),
    ]);
    expect(leftInRegistry().tags).toEqual([]);
  },
);

test("a proxy with a limit is named, by both ways, and takes what is below it", async () => {
  const config = lab.registry.path(`${DATA}/nginx/nginx.conf`);
  writeFileSync(config, readFileSync(config, "utf8").replace("client_max_body_size 0", "client_max_body_size 10m"));
  const pid = readFileSync(lab.registry.path(`${DATA}/run/nginx.pid`), "utf8").trim();
  expectDone(await lab.registry.run(["kill", "-HUP", pid]));
  await expect
    .poll(async () => (await lab.regclient(["verify", "--via", "direct", "--size", "20M"])).code, { timeout: 20_000 })
    .toBe(6);
  const direct = await lab.regclient(["verify", "--via", "direct", "--size", "20M", "--output", "json", "--quiet"]);
  const [way] = readReport(direct.stdout).ways;
  const refused = way?.checks.find(({ problem }) => problem !== undefined);
  expect([direct.code, refused?.name, refused?.problem?.code]).toEqual([6, "push", "RC-PSH-004"]);
  expect(refused?.problem?.cause).toBe("the answer is 413, from nginx: it limits the size of a request body");
  expect(refused?.problem?.evidence[0]).toMatch(/^push of a blob of 20000000 bytes: status 413, after \d{8} bytes had/);
  const docker = await lab.regclient(["verify", "--via", "docker", "--size", "20M", "--output", "json", "--quiet"]);
  const through = readReport(docker.stdout).ways[0]?.checks.find(({ problem }) => problem !== undefined);
  expect([docker.code, through?.name, through?.problem?.code]).toEqual([6, "push", "RC-PSH-004"]);
  expectDone(await lab.regclient(["verify", "--size", "9M"]));
  expect(leftInRegistry().tags).toEqual([]);
  expect(expectDone(await lab.docker(["image", "ls", "--quiet"]))).toBe("");
});
