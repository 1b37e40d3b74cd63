import { mkdirSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { chooseWays } from "../../src/smoke/ways.ts";
import { setStage, type Scene } from "../support/program-stage.ts";

const ONLY_PODMAN = { "/usr/bin/podman": "", "/usr/bin/skopeo": "", "/usr/bin/buildah": "" };

test.each<[string, Scene, readonly string[]]>([
  ["what is there, but not podman's kin", { files: ONLY_PODMAN }, ["podman"]],
  ["no containerd that does not run", {}, ["podman"]],
  ["nothing where nothing is", { files: {} }, []],
  ["nothing below another root", { root: "/srv/tree" }, []],
  ["nothing without images", { mode: "login" }, []],
  ["nothing with --light", { mode: "light" }, []],
])("auto goes through %s", async (_, scene, expected) => {
  const { verification, notes } = setStage(scene);
  expect((await chooseWays(verification, "auto")).map(({ via }) => via)).toEqual(expected);
  expect(await chooseWays(verification, "once")).toEqual([]);
  expect(notes).toEqual([]);
});

/** As containerd does where it runs. */
async function listen(folder: string): Promise<void> {
  mkdirSync(join(folder, "run/containerd"), { recursive: true });
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(join(folder, "run/containerd/containerd.sock"), resolve));
  onTestFinished(() => void server.close());
}

test.each<[string, Scene, readonly string[], readonly string[]]>([
  ["by root", {}, ["podman", "containerd"], []],
  ["by others, whom it does not serve", { caller: { uid: 1000 } }, ["podman"], []],
  [
    "but a terminal for the login is not there",
    { files: { "/usr/bin/ctr": "" } },
    [],
    [
      expect.stringMatching(
        /^nothing was pushed or pulled through containerd: ctr cannot be given the login/,
      ) as string,
    ],
  ],
])("auto goes through a containerd that runs, asked %s", async (_, scene, expected, told) => {
  const { verification, notes, folder } = setStage(scene);
  await listen(folder);
  expect((await chooseWays(verification, "auto")).map(({ via }) => via)).toEqual(expected);
  expect(notes).toEqual(told);
});
