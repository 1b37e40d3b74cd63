import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { requireLab } from "./lab.ts";
import { expectDone, expectUntouched, findText, login, startClientLab, type ClientLab } from "./support/client-lab.ts";
import { startContainerd, type Containerd } from "./support/containerd.ts";
import { checkout } from "./support/holder.ts";
import { sampleWhile } from "./support/process-samples.ts";

requireLab();

const DATA = "/var/lib/devregistry";
const REPOSITORY = `${DATA}/registry/docker/registry/v2/repositories/regclient-smoke`;
const PROGRAMS = ["podman", "skopeo", "buildah", "containerd"] as const;
const STEPS = ["program", "image", "push", "pull", "clean up"];

let lab: ClientLab;
let containerd: Containerd;
let before: ReadonlyMap<string, string>;
let images: readonly string[];
beforeAll(async () => {
  lab = await startClientLab();
  await lab.client.startDockerd();
  containerd = await startContainerd(lab.client);
  expectDone(await lab.enroll(["--no-verify"]));
  images = await listImages();
  before = await lab.client.hashTree();
});
afterAll(async () => {
  await containerd?.stop();
  await lab?.[Symbol.asyncDispose]();
});

interface Way {
  readonly via: string;
  readonly checks: readonly {
    readonly name: string;
    readonly status: string;
    readonly detail: string;
    readonly transfer?: { readonly bytes: number };
    readonly problem?: { readonly code: string; readonly evidence: readonly string[] };
  }[];
}

interface Ran {
  readonly code: number | null;
  readonly ways: readonly Way[];
  readonly notes: readonly string[];
  readonly printed: string;
}

function readRun(code: number | null, printed: string): Ran {
  const [report] = (JSON.parse(printed) as { readonly reports: readonly Omit<Ran, "code" | "printed">[] }).reports;
  if (report === undefined) throw new Error(printed);
  return { code, printed, ways: report.ways, notes: report.notes };
}

async function verify(...args: readonly string[]): Promise<Ran> {
  const { code, stdout } = await lab.regclient(["verify", "--output", "json", "--quiet", ...args]);
  return readRun(code, stdout);
}

/** What the programs have of images, and ctr of namespaces. */
async function listImages(): Promise<readonly string[]> {
  const lists = [
    ["podman", "image", "ls", "--all", "--quiet"],
    ["buildah", "images", "--all", "--quiet"],
    ["docker", "image", "ls", "--all", "--quiet"],
    ["ctr", "namespaces", "ls", "--quiet"],
  ];
  const listed: string[] = [];
  for (const argv of lists) listed.push(`${argv[0]}: ${expectDone(await lab.client.run(argv)).trim()}`);
  return listed;
}

function listFolder(path: string): readonly string[] {
  return existsSync(path) ? readdirSync(path) : [];
}

/** Nothing is left: not in the registry, the programs, the place for temporary files, or anywhere else. */
async function expectNothingLeft(): Promise<void> {
  expect(listFolder(lab.registry.path(`${REPOSITORY}/_manifests/tags`))).toEqual([]);
  expect(await listImages()).toEqual(images);
  expect(listFolder(lab.client.path("/tmp")).filter((name) => name.startsWith("regclient-"))).toEqual([]);
  await expectUntouched(lab.client, before);
}

test.each(PROGRAMS)("%s pushes, pulls by digest and forgets; the password is no argument of anything", async (via) => {
  const runs: Ran[] = [];
  const samples = await sampleWhile(lab.client, async () => runs.push(await verify("--via", via)));
  const [ran] = runs;
  expect(ran).toMatchObject({ code: 0, notes: [], ways: [{ via }] });
  expect(ran?.ways.flatMap(({ checks }) => checks.map(({ name, status }) => `${name} ${status}`))).toEqual(
    STEPS.map((name) => `${name} passed`),
  );
  const program = via === "containerd" ? "ctr" : via;
  expect([...samples.commands].filter((line) => line.includes(`/bin/${program} `))).not.toEqual([]);
  rmSync(lab.client.path(`${samples.path}`), { force: false });
  expect(await findText(lab.client, login.password)).toEqual([]);
  await expectNothingLeft();
});

test("what was seen of the programs would have shown a password", async () => {
  const samples = await sampleWhile(lab.client, () => verify("--via", "containerd"));
  expect(await findText(lab.client, login.password)).toEqual([]);
  const seen = [...samples.commands].filter((line) => line.includes("script") && line.includes("'--user' 'xl'"));
  expect(seen).not.toEqual([]);
  rmSync(lab.client.path(samples.path));
});

test("auto goes through all that runs here, measured; skopeo and buildah are podman's kin", async () => {
  const { code, ways, notes } = await verify("--size", "3M");
  expect({ code, notes: notes.filter((note) => !note.includes("collects its garbage")) }).toEqual({
    code: 0,
    notes: [],
  });
  expect(ways.map(({ via }) => via)).toEqual(["direct", "docker", "podman", "containerd"]);
  for (const { via, checks } of ways) {
    const measured = checks.filter(({ transfer }) => transfer !== undefined);
    expect([via, ...measured.map(({ name, transfer }) => `${name} ${transfer?.bytes}`)]).toEqual([
      via,
      "push 3000000",
      "pull 3000000",
    ]);
  }
  await expectNothingLeft();
});

test("without images, podman and its kin try the login that they find, and ctr has none", async () => {
  for (const via of ["podman", "skopeo", "buildah"]) {
    const { code, ways } = await verify("--via", via, "--light");
    const checks = ways.flatMap(({ checks }) => checks.map(({ name, status }) => `${name} ${status}`));
    expect({ via, code, checks }).toEqual({ via, code: 0, checks: ["program passed", "login passed"] });
  }
  const { code, notes } = await verify("--via", "containerd", "--light");
  expect({ code, notes }).toEqual({ code: 0, notes: [expect.stringContaining("shows one only with an image")] });
  expect((await verify("--light")).ways.map(({ via }) => via)).toEqual(["direct"]);
  await expectNothingLeft();
});

// ctr may wait for ever then, until its time is over
test("--size of more than a proxy takes is told of each of podman's kin", async () => {
  const config = lab.registry.path(`${DATA}/nginx/nginx.conf`);
  const text = readFileSync(config, "utf8");
  const reload = async (now: string): Promise<void> => {
    writeFileSync(config, now);
    const pid = readFileSync(lab.registry.path(`${DATA}/run/nginx.pid`), "utf8").trim();
    expectDone(await lab.registry.run(["kill", "-HUP", pid]));
    await wait(1000);
  };
  await reload(text.replace("client_max_body_size 0", "client_max_body_size 1m"));
  for (const via of ["podman", "skopeo", "buildah"]) {
    const { code, ways } = await verify("--via", via, "--size", "2M");
    const refused = ways[0]?.checks.find(({ problem }) => problem !== undefined);
    expect([via, code, refused?.name, refused?.problem?.code]).toEqual([via, 6, "push", "RC-PSH-004"]);
  }
  await reload(text);
  await expectNothingLeft();
});

interface Fault {
  readonly title: string;
  /** Makes it, gives what mends it. */
  readonly make: () => () => void;
  readonly code: string;
  readonly exit: number;
}

function moveAway(...paths: readonly string[]): () => void {
  for (const path of paths) renameSync(lab.client.path(path), lab.client.path(`${path}.away`));
  return () => {
    for (const path of paths) renameSync(lab.client.path(`${path}.away`), lab.client.path(path));
  };
}

function rewrite(path: string, change: (text: string) => string): () => void {
  const text = readFileSync(path, "utf8");
  writeFileSync(path, change(text));
  return () => writeFileSync(path, text);
}

const faults: readonly Fault[] = [
  {
    title: "a certificate that it does not trust",
    make: () => moveAway("/etc/docker/certs.d", "/etc/containerd/certs.d"),
    code: "RC-ENG-052",
    exit: 3,
  },
  {
    title: "a login that the registry does not know",
    make: () => rewrite(findHtpasswd(), (text) => text.replace(/^xl:/, "someone:")),
    code: "RC-ENG-053",
    exit: 4,
  },
  {
    title: "a name that leads nowhere",
    make: () => rewrite(lab.client.path("/etc/hosts"), (text) => text.replaceAll(/^10\.10\.62\.103.*$/gm, "")),
    code: "RC-ENG-054",
    exit: 5,
  },
];

function findHtpasswd(): string {
  const found = readdirSync(lab.registry.path(DATA), { recursive: true, encoding: "utf8" });
  return lab.registry.path(join(DATA, found.find((path) => path.endsWith("htpasswd")) ?? ""));
}

let mend: (() => void) | undefined;
afterEach(() => {
  mend?.();
  mend = undefined;
});

test.each(PROGRAMS.flatMap((via) => faults.map((fault) => ({ via, ...fault }))))(
  "$via on $title",
  async ({ via, make, code, exit }) => {
    mend = make();
    const ran = await verify("--via", via);
    const refused = ran.ways[0]?.checks.find(({ problem }) => problem !== undefined);
    expect({
      exit: ran.code,
      check: refused?.name,
      code: refused?.problem?.code,
      seen: refused?.problem?.evidence,
    }).toEqual({ exit, check: "push", code, seen: [expect.any(String), expect.stringMatching(/^a sign of RC-/)] });
    expect(ran.printed).not.toContain(login.password);
    mend();
    mend = undefined;
    await expectNothingLeft();
  },
);

/** Waits until `size` bytes of an upload lie on the registry's disk. */
async function untilUploaded(size: number): Promise<void> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    const uploads = listFolder(lab.registry.path(`${REPOSITORY}/_uploads`));
    const files = uploads.map((id) => lab.registry.path(join(REPOSITORY, "_uploads", id, "data")));
    if (files.some((file) => (statSync(file, { throwIfNoEntry: false })?.size ?? 0) > size)) return;
    if (Date.now() > deadline) throw new Error("no upload came");
    await wait(10);
  }
}

test.each(["podman", "containerd"])("SIGINT in the middle of a push by %s leaves nothing on this host", async (via) => {
  rmSync(lab.registry.path(`${REPOSITORY}/_uploads`), { recursive: true, force: true });
  const args = ["verify", "--via", via, "--size", "200M", "--output", "json", "--quiet"];
  const running = await lab.client.start([`${checkout}/bin/regclient`, ...args], {
    timeoutMs: 100_000,
    env: { PATH: `${checkout}/bin:/usr/sbin:/usr/bin:/sbin:/bin` },
  });
  await untilUploaded(2_000_000);
  process.kill(running.pid, "SIGINT");
  await running.ended;
  const { ways } = readRun(null, running.output());
  expect(ways[0]?.checks.find(({ problem }) => problem !== undefined)?.problem?.code).toBe("RC-NET-016");
  expect(ways[0]?.checks.map(({ name, status }) => `${name} ${status}`).slice(-3)).toEqual([
    "push failed",
    "pull skipped",
    "clean up passed",
  ]);
  await expectNothingLeft();
});
