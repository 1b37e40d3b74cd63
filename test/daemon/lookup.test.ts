import { expect, test } from "vitest";
import { reveal, secret } from "../../src/credentials/secret.ts";
import { prepareStoring } from "../../src/credentials/vaults.ts";
import type { VaultMeans } from "../../src/credentials/vault.ts";
import { createLookup } from "../../src/daemon/lookup.ts";
import { registryRecordPath } from "../../src/enrollment/record-paths.ts";
import { problem } from "../../src/findings/problem.ts";
import { failure, success } from "../../src/result.ts";
import { makeBrokenKeychain } from "../support/fake-keychain.ts";
import { makeFakeHost } from "../support/fake-host.ts";
import { makeScratchRoot } from "../support/scratch-root.ts";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const root = { uid: 0, gid: 0, groups: [] };
const inDocker = { uid: 1000, gid: 1000, groups: [106] };
const outsider = { uid: 1001, gid: 1001, groups: [27] };
const keychain = makeBrokenKeychain("no keychain");

/** A host that is enrolled with devregistry and keeps its login in a sealed file. */
async function makeEnrolled(): Promise<
  VaultMeans & { readonly put: (path: string, text: string | Uint8Array) => void }
> {
  const top = makeScratchRoot();
  const put = (path: string, bytes: string | Uint8Array): void => {
    mkdirSync(dirname(join(top, path)), { recursive: true });
    writeFileSync(join(top, path), bytes);
  };
  const means = { host: makeFakeHost({ root: top }), keychain };
  const storing = await prepareStoring(means, "sealed", "devregistry", { username: "xl", password: secret("s3cret") });
  if (!storing.ok) throw new Error(storing.problem.summary);
  for (const { path, bytes } of storing.value.files) put(path, bytes);
  put(registryRecordPath("devregistry"), recordOf(storing.value.pointer));
  put(registryRecordPath("open.test"), recordOf(undefined));
  put("/etc/group", "root:x:0:\nsudo:x:27:\ndocker:x:106:\n");
  return { ...means, put };
}

function recordOf(credential: object | undefined): string {
  const enrolledAt = "2026-01-01T00:00:00Z";
  const lists = { anchors: [], dockerConfigs: [], files: [] };
  return JSON.stringify({ version: 1, registry: "devregistry", enrolledAt, credential, ...lists });
}

const allowedGroups = async () => success(["docker"]);

test.each(["devregistry", "devregistry:443", "https://devregistry", "https://devregistry:443/v2/"])(
  "%s is the same registry",
  async (server) => {
    const look = createLookup({ ...(await makeEnrolled()), allowedGroups });
    const { registry, answer } = await look(server, inDocker);
    expect(registry).toBe("devregistry");
    expect(answer.kind === "login" && [answer.username, reveal(answer.secret)]).toEqual(["xl", "s3cret"]);
  },
);

test.each([
  ["root", root, ["docker"], "login"],
  ["root, where no group may", root, [], "login"],
  ["one in the group", inDocker, ["docker"], "login"],
  ["one in another group that may", outsider, ["docker", "sudo"], "login"],
  ["one in another group", outsider, ["docker"], "not-allowed"],
  ["one in docker, where docker may not", inDocker, ["sudo"], "not-allowed"],
  ["anyone, where no group may", inDocker, [], "not-allowed"],
  ["anyone, where the group is not there", inDocker, ["nobody-has-it"], "not-allowed"],
])("%s: %j", async (_, peer, groups, expected) => {
  const look = createLookup({ ...(await makeEnrolled()), allowedGroups: async () => success(groups) });
  const { answer } = await look("devregistry", peer);
  expect(answer.kind === "error" ? answer.error : answer.kind).toBe(expected);
});

test.each([
  "",
  "a/../b",
  "../../etc/shadow",
  "other.test",
  "devregistry:5000",
  "open.test",
  "docker.io",
  "x".repeat(4000),
])("nothing is kept for %j", async (server) => {
  const look = createLookup({ ...(await makeEnrolled()), allowedGroups });
  expect((await look(server, root)).answer).toMatchObject({ kind: "error", error: "not-found" });
});

test("what is broken is unavailable, and the answer says what", async () => {
  const host = await makeEnrolled();
  const look = createLookup({
    ...host,
    allowedGroups: async () => failure(problem("RC-CFG-001", { where: "a.yaml:3", reason: "no such key" })),
  });
  const { answer } = await look("devregistry", inDocker);
  expect(answer).toMatchObject({ error: "unavailable", reason: expect.stringMatching(/^RC-CFG-001: .*a\.yaml:3/) });
  host.put(registryRecordPath("devregistry"), "{");
  expect((await look("devregistry", root)).answer).toMatchObject({ error: "unavailable" });
});

test("who asks while a login is being read shares the reading, and the next one reads again", async () => {
  const enrolled = await makeEnrolled();
  let readings = 0;
  const { files } = enrolled.host;
  const host = {
    ...enrolled.host,
    files: {
      ...files,
      readEntry: async (path: string) => {
        if (path.endsWith(".sealed")) readings += 1;
        return files.readEntry(path);
      },
    },
  };
  const look = createLookup({ ...enrolled, host, allowedGroups });
  const answers = await Promise.all(
    [inDocker, root, inDocker, outsider].map(async (peer) => look("devregistry", peer)),
  );
  expect(answers.map(({ answer }) => answer.kind)).toEqual(["login", "login", "login", "error"]);
  expect(readings).toBe(1);
  await look("devregistry", root);
  expect(readings).toBe(2);
});
