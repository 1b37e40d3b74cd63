import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { detectDefaultStore, locateDockerConfigs } from "../../src/credentials/docker-config-files.ts";
import type { Caller } from "../../src/host/ports.ts";
import { makeFakeHost } from "../support/fake-host.ts";
import { codeOf, valueOf } from "../support/registry-client.ts";
import { makeScratchRoot } from "../support/scratch-root.ts";

const passwd = "root:x:0:0:root:/root:/bin/sh\nxl:x:1000:1001::/home/xl:/bin/sh\nodd:x:7:7::relative:/bin/sh\n";
const caller: Partial<Caller> = { uid: 0, gid: 0, home: "/root" };

async function locate(root: string, users: readonly string[], more: Partial<Caller> = {}) {
  return locateDockerConfigs(makeFakeHost({ root, caller: { ...caller, ...more } }), users);
}

test("the caller's own config, and those of the named users, with their owners", async () => {
  const root = makeScratchRoot({ "/etc/passwd": passwd });
  expect(valueOf(await locate(root, ["xl", "root"]))).toEqual([
    { path: "/root/.docker/config.json", uid: 0, gid: 0 },
    { path: "/home/xl/.docker/config.json", uid: 1000, gid: 1001 },
  ]);
});

test("DOCKER_CONFIG moves the caller's own", async () => {
  const found = await locate(makeScratchRoot(), [], { environment: { DOCKER_CONFIG: "/srv/docker" } });
  expect(valueOf(found)).toEqual([{ path: "/srv/docker/config.json", uid: 0, gid: 0 }]);
});

test("a linked config is edited where it lies, once", async () => {
  const root = makeScratchRoot({ "/etc/passwd": passwd, "/home/xl/.docker/config.json": "{}" });
  mkdirSync(join(root, "root"));
  symlinkSync("/home/xl/.docker", join(root, "root/.docker"));
  const found = valueOf(await locate(root, ["xl"]));
  expect(found.map((each) => each.path)).toEqual(["/home/xl/.docker/config.json"]);
});

test.each(["nobody-here", "odd", "x", ""])("a user %j that has no home here is refused", async (login) => {
  expect(codeOf(await locate(makeScratchRoot({ "/etc/passwd": passwd }), [login]))).toBe("RC-CFG-005");
});

test.each([
  ["nothing", [], undefined],
  ["Secret Service's helper", ["docker-credential-secretservice"], "secretservice"],
  ["pass without its helper", ["pass", "docker-credential-secretservice"], undefined],
  ["pass with its helper", ["pass", "docker-credential-pass", "docker-credential-secretservice"], "pass"],
])("with %s on PATH, Docker's own default store is %s", async (_, programs, store) => {
  const root = makeScratchRoot(Object.fromEntries(programs.map((program) => [`/opt/bin/${program}`, "x"])));
  const environment = { PATH: "relative:/usr/bin:/opt/bin" };
  expect(await detectDefaultStore(makeFakeHost({ root, caller: { ...caller, environment } }))).toBe(store);
});
