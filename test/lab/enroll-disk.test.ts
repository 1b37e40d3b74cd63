import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { requireLab } from "./lab.ts";
import { expectUntouched, startClientLab, type ClientLab } from "./support/client-lab.ts";
import { differences, readTree } from "./support/crash-tree.ts";

requireLab();

const hosts = "/etc/hosts";
const plainHosts = "127.0.0.1\tlocalhost\n";
const page = 4096;

let lab: ClientLab;
beforeAll(async () => {
  lab = await startClientLab();
});
afterAll(() => lab[Symbol.asyncDispose]());

async function must(argv: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await lab.client.run(argv, { cwd: "/" });
  expect({ argv, code, stderr: code === 0 ? "" : stderr }).toEqual({ argv, code: 0, stderr: "" });
  return stdout;
}

/** Runs `work` while a tmpfs with the options is mounted on the folder. */
async function withTmpfs(path: string, options: string, work: () => Promise<void>): Promise<void> {
  await must(["mount", "-t", "tmpfs", "-o", `mode=755,${options}`, "tmpfs", path]);
  try {
    await work();
  } finally {
    await must(["umount", path]);
  }
}

/** Enrolls; whatever came of it, the folder and the rest of the host are in the end as they were. Gives the exit code. */
async function enrollAndCompare(folder: string): Promise<number | null> {
  const before = { tree: await lab.client.hashTree(), mounted: readTree(lab.client.path(folder)) };
  const { code, stderr } = await lab.enroll(["--no-verify", "--vault", "sealed"]);
  if (code === 0) expect(await lab.regclient(["unenroll", "devregistry"])).toMatchObject({ code: 0 });
  else expect({ code, stderr }).toEqual({ code: 7, stderr: expect.stringMatching(/RC-HST-00[136]\]/) as string });
  expect(differences(before.mounted, readTree(lab.client.path(folder)))).toEqual([]);
  await expectUntouched(lab.client, before.tree);
  return code;
}

describe("a full disk", () => {
  test.each(["/etc/docker", "/etc/regclient", "/root", "/var/lib"])(
    "on %s, at whichever step, changes nothing",
    async (folder) => {
      mkdirSync(lab.client.path(folder), { recursive: true });
      const codes: (number | null)[] = [];
      for (let inodes = 1; codes.at(-1) !== 0 && inodes < 30; inodes += 1) {
        await withTmpfs(folder, `nr_inodes=${inodes}`, async () => void codes.push(await enrollAndCompare(folder)));
      }
      expect(codes.slice(0, -1).every((code) => code === 7)).toBe(true);
      expect(codes.length).toBeGreaterThan(2);
      expect(codes.at(-1)).toBe(0);
    },
  );

  test("that is short of blocks changes nothing", async () => {
    const codes: (number | null)[] = [];
    for (let pages = 1; codes.at(-1) !== 0 && pages < 30; pages += 1) {
      await withTmpfs(
        "/var/lib",
        `size=${pages * page}`,
        async () => void codes.push(await enrollAndCompare("/var/lib")),
      );
    }
    expect(codes.length).toBeGreaterThan(2);
    expect(codes.at(-1)).toBe(0);
  });

  test("under a hosts file that can only be written in place loses none of its bytes", async () => {
    const full = "/tmp/full";
    const text = `${plainHosts}${"#".repeat(page - plainHosts.length - 20)}\n`;
    mkdirSync(lab.client.path(full));
    await withTmpfs(full, `size=${2 * page}`, async () => {
      writeFileSync(lab.client.path(`${full}/hosts`), text);
      writeFileSync(lab.client.path(`${full}/filler`), "x".repeat(page));
      await must(["mount", "--bind", `${full}/hosts`, hosts]);
      const before = await lab.client.hashTree();
      const refused = await lab.enroll(["--no-verify"]);
      expect(readFileSync(lab.client.path(hosts), "utf8")).toBe(text);
      expect(refused).toMatchObject({ code: 7, stderr: expect.stringContaining("[RC-HST-003]") as string });
      await expectUntouched(lab.client, before);
      await must(["umount", hosts]);
    });
  });
});

describe("what may not be written", () => {
  test.each(["/etc/docker", "/etc/regclient", "/root/.docker", "/var/lib", hosts])(
    "%s, mounted read-only, changes nothing",
    async (path) => {
      const isFile = path === hosts;
      mkdirSync(lab.client.path(isFile ? dirname(path) : path), { recursive: true });
      const before = await lab.client.hashTree();
      await must(["mount", "--bind", path, path]);
      await must(["mount", "-o", "remount,bind,ro", path]);
      const refused = await lab.enroll(["--no-verify"]);
      await must(["umount", path]);
      expect(refused).toMatchObject({ code: 7, stderr: expect.stringContaining("[RC-HST-004]") as string });
      await expectUntouched(lab.client, before);
      if (!isFile && path !== "/var/lib") await lab.client.run(["rmdir", "--ignore-fail-on-non-empty", path]);
    },
  );

  test.each([hosts, "/etc/docker"])("%s, made immutable, changes nothing", async (path) => {
    if (path !== hosts) mkdirSync(lab.client.path(path), { recursive: true });
    const before = await lab.client.hashTree();
    await must(["chattr", "+i", path]);
    const refused = await lab.enroll(["--no-verify"]);
    await must(["chattr", "-i", path]);
    expect(refused).toMatchObject({ code: 7, stderr: expect.stringContaining("[RC-HST-004]") as string });
    await expectUntouched(lab.client, before);
  });

  test("and what is a mount point of its own stays one", async () => {
    for (const path of ["/var/lib/regclient", "/etc/regclient", "/etc/docker/certs.d"]) {
      mkdirSync(lab.client.path(path), { recursive: true });
      await withTmpfs(path, "size=1m", async () => {
        expect(await enrollAndCompare(path)).toBe(0);
      });
      await must(["rmdir", path]);
    }
  });
});
