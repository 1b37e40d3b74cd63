import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { FindingCode } from "../../src/findings/catalogue.ts";
import { requireLab, startLab, type Lab } from "./lab.ts";
import { expectDone, expectUntouched, login, programPath } from "./support/client-lab.ts";
import type { CommandResult } from "./support/command.ts";
import { renderPage, withoutVersions, type Cell } from "./support/compatibility-page.ts";
import { startContainerd, type Containerd } from "./support/containerd.ts";
import { startFronts, type Fronts } from "./support/fronts.ts";
import { checkout } from "./support/holder.ts";

requireLab();

const PAGE = join(checkout, "docs/compatibility.md");
const FEW_MINUTES = 400_000;
/** By the word for `--via`: what says its version. */
const VERSIONS = {
  docker: ["docker", "version", "--format", "{{.Server.Version}}"],
  podman: ["podman", "--version"],
  skopeo: ["skopeo", "--version"],
  buildah: ["buildah", "--version"],
  containerd: ["ctr", "--version"],
} as const;
const RUNTIMES = Object.keys(VERSIONS) as readonly (keyof typeof VERSIONS)[];

let lab: Lab;
let containerd: Containerd;
let fronts: Fronts;
let before: ReadonlyMap<string, string>;
let images: readonly string[];
beforeAll(async () => {
  lab = await startLab();
  fronts = await startFronts(lab.registry);
  fronts.giveFiles(lab.client);
  await lab.client.startDockerd();
  containerd = await startContainerd(lab.client);
  images = await listImages();
  before = await lab.client.hashTree();
  for (const { name, options } of fronts.all) {
    const as = ["--no-verify", "--username", login.username, "--password-stdin"];
    expectDone(await regclient(["enroll", name, ...options, ...as], `${login.password}\n`));
  }
}, FEW_MINUTES);
afterAll(async () => {
  await fronts?.stop();
  await containerd?.stop();
  await lab?.[Symbol.asyncDispose]();
});

function regclient(args: readonly string[], stdin = ""): Promise<CommandResult> {
  return lab.client.run(["regclient", ...args], { stdin, env: programPath, timeoutMs: FEW_MINUTES });
}

/** What every runtime has of images. */
async function listImages(): Promise<readonly string[]> {
  const lists = [
    ["docker", "image", "ls", "--all", "--quiet"],
    ["podman", "image", "ls", "--all", "--quiet"],
    ["ctr", "namespaces", "ls", "--quiet"],
  ];
  const listed: string[] = [];
  for (const argv of lists) listed.push(`${argv[0]}: ${expectDone(await lab.client.run(argv)).trim()}`);
  return listed;
}

interface Report {
  readonly registry: string;
  readonly ok: boolean;
  readonly notes: readonly string[];
  readonly ways: readonly {
    readonly via: string;
    readonly checks: readonly {
      readonly problem?: { readonly code: FindingCode; readonly evidence: readonly string[] };
    }[];
  }[];
}

/** Every front through every runtime; the runtimes side by side, as each has its own images. */
async function measure(): Promise<readonly (Cell & { readonly report: Report })[]> {
  const measured = await Promise.all(
    RUNTIMES.map(async (runtime) => {
      const { stdout } = await regclient(["verify", "--via", runtime, "--output", "json", "--quiet"]);
      const { reports } = JSON.parse(stdout) as { readonly reports: readonly Report[] };
      return fronts.all.map(({ name, trust, place }) => {
        const report = reports.find(({ registry }) => registry === name);
        if (report === undefined) throw new Error(`${runtime} says nothing of ${name}: ${stdout}`);
        const failed = report.ways.flatMap(({ checks }) => checks).find(({ problem }) => problem !== undefined);
        expect({ runtime, name, ok: report.ok }).toEqual({ runtime, name, ok: failed === undefined });
        return { runtime, trust, place, code: failed?.problem?.code, report };
      });
    }),
  );
  return measured.flat();
}

test("each runtime works as docs/compatibility.md says, and leaves nothing", { timeout: FEW_MINUTES }, async () => {
  const cells = await measure();
  expect(cells).toHaveLength(80);
  expect(cells.flatMap(({ report }) => report.notes)).toEqual([]);
  expect(await listImages()).toEqual(images);
  const versions = new Map<string, string>();
  for (const runtime of RUNTIMES) {
    const told = expectDone(await lab.client.run(VERSIONS[runtime]));
    versions.set(runtime, /\d+\.\d+[^\s,]*/.exec(told)?.[0] ?? "");
  }
  const page = renderPage(versions, cells, new Date().toISOString().slice(0, 10));
  // measured on purpose: UPDATE=1 vitest run --project lab test/lab/compatibility.test.ts
  if (process.env["UPDATE"] !== undefined) writeFileSync(PAGE, page);
  expect(withoutVersions(readFileSync(PAGE, "utf8"))).toBe(withoutVersions(page));
});

test("what it does not read as an address is no fault of the enrollment: the registry works directly", async () => {
  for (const { name } of fronts.all.filter(({ place }) => place === "IPv6 literal"))
    expectDone(await regclient(["verify", name, "--via", "direct"]));
});

test("none of them works without what regclient wrote", { timeout: FEW_MINUTES }, async () => {
  const written = ["/etc/docker/certs.d", "/etc/containerd/certs.d"].map((path) => lab.client.path(path));
  for (const path of written) renameSync(path, `${path}.away`);
  const codes = new Set((await measure()).map(({ code }) => code));
  for (const path of written) renameSync(`${path}.away`, path);
  expect([...codes].sort()).toEqual(["RC-ENG-003", "RC-ENG-052", "RC-ENG-056"]);
});

test("unenrolled, the host is as it was before", { timeout: FEW_MINUTES }, async () => {
  for (const { name } of fronts.all) expectDone(await regclient(["unenroll", name]));
  expect(await listImages()).toEqual(images);
  await expectUntouched(lab.client, before);
});
