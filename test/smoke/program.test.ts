import { expect, test } from "vitest";
import { secret } from "../../src/credentials/secret.ts";
import { verifyThroughProgram } from "../../src/smoke/program.ts";
import { chooseWays } from "../../src/smoke/ways.ts";
import type { Check, Mode, ProgramVia } from "../../src/smoke/report.ts";
import { DIGEST, PASSWORD, setStage, type Scene } from "../support/program-stage.ts";
import { snapshotTree } from "../support/scratch-root.ts";

const X509 = "tls: failed to verify certificate: x509: certificate signed by unknown authority";

async function verify(via: ProgramVia, scene: Scene = {}) {
  const stage = setStage(scene);
  const before = snapshotTree(stage.folder);
  const [way] = await chooseWays(stage.verification, via);
  if (way === undefined) throw new Error(`no way through ${via}`);
  const checks = await verifyThroughProgram(stage.verification, way);
  // whatever happened, the host is as it was
  expect(snapshotTree(stage.folder)).toEqual(before);
  const lines = stage.calls.map(({ argv }) =>
    argv
      .join(" ")
      .replaceAll(/\/regclient-\w{6}/g, "/TMP")
      .replaceAll(DIGEST, "DIGEST"),
  );
  return { ...stage, checks, lines };
}

function summarise(checks: readonly Check[]): readonly string[] {
  return checks.map(({ name, status }) => `${name} ${status}`);
}

const IMAGE = "reg.test:5000/smoke";

test.each<[ProgramVia, readonly string[]]>([
  [
    "podman",
    [
      "/usr/bin/podman --version",
      "/usr/bin/podman pull --quiet oci-archive:/TMP/image.tar",
      `/usr/bin/podman push --quiet --tls-verify=true --digestfile /TMP/digest ${IMAGE}:verify-client-1-podman`,
      `/usr/bin/podman image rm --force ${IMAGE}:verify-client-1-podman`,
      `/usr/bin/podman pull --quiet --tls-verify=true ${IMAGE}@DIGEST`,
      `/usr/bin/podman image rm --force ${IMAGE}:verify-client-1-podman`,
      `/usr/bin/podman image rm --force ${IMAGE}@DIGEST`,
    ],
  ],
  [
    "buildah",
    [
      "/usr/bin/buildah --version",
      "/usr/bin/buildah pull --quiet oci-archive:/TMP/image.tar",
      `/usr/bin/buildah push --quiet --tls-verify=true --digestfile /TMP/digest ${IMAGE}:verify-client-1-buildah`,
      `/usr/bin/buildah rmi --force ${IMAGE}:verify-client-1-buildah`,
      `/usr/bin/buildah pull --quiet --tls-verify=true ${IMAGE}@DIGEST`,
      `/usr/bin/buildah rmi --force ${IMAGE}:verify-client-1-buildah`,
      `/usr/bin/buildah rmi --force ${IMAGE}@DIGEST`,
    ],
  ],
  [
    "skopeo",
    [
      "/usr/bin/skopeo --version",
      `/usr/bin/skopeo copy --quiet --dest-tls-verify=true --digestfile /TMP/digest oci-archive:/TMP/image.tar docker://${IMAGE}:verify-client-1-skopeo`,
      `/usr/bin/skopeo copy --quiet --src-tls-verify=true docker://${IMAGE}@DIGEST dir:/TMP/pulled`,
    ],
  ],
])("%s is called so, and gets no login from here", async (via, expected) => {
  const { checks, lines, calls, notes, deleted } = await verify(via);
  expect(summarise(checks)).toEqual([
    "program passed",
    "image passed",
    "push passed",
    "pull passed",
    "clean up passed",
  ]);
  expect(lines).toEqual(expected);
  expect(calls.map(({ input }) => input.length)).toEqual(calls.map(() => 0));
  expect({ notes, deleted }).toEqual({ notes: [], deleted: [DIGEST] });
});

test("ctr is given the password at a terminal, and in no other way", async () => {
  const { checks, calls, deleted, lines } = await verify("containerd", {
    credential: { username: "o'neil", password: secret(PASSWORD) },
  });
  expect(summarise(checks)).toEqual([
    "program passed",
    "image passed",
    "push passed",
    "pull passed",
    "clean up passed",
  ]);
  const asked = calls.filter(({ input }) => input.length > 0);
  expect(asked.map(({ input }) => Buffer.from(input).toString())).toEqual([`${PASSWORD}\n`, `${PASSWORD}\n`]);
  expect(asked.map(({ argv }) => [argv[0], argv.at(-1), argv[4]?.match(/images' '(\w+)'/)?.[1]])).toEqual([
    ["/usr/bin/script", "/dev/null", "push"],
    ["/usr/bin/script", "/dev/null", "pull"],
  ]);
  expect(asked[0]?.argv[4]).toContain(`'--user' 'o'\\''neil' '${IMAGE}:verify-client-1-containerd'`);
  expect(JSON.stringify(calls.map(({ argv, environment }) => [argv, environment]))).not.toContain("s3cret");
  expect(lines.at(-1)).toBe(
    "/usr/bin/ctr --namespace regclient-verification namespaces rm regclient-verification".replace(
      "--namespace regclient-verification ",
      "",
    ),
  );
  expect(deleted).toHaveLength(1);
});

test("without a login, ctr needs no terminal", async () => {
  const { checks, calls } = await verify("containerd", { credential: undefined, files: { "/usr/bin/ctr": "" } });
  expect(summarise(checks).at(-1)).toBe("clean up passed");
  expect(calls.every(({ argv }) => argv[0] === "/usr/bin/ctr" && !argv.includes("--user"))).toBe(true);
});

const token = { username: "<token>", password: secret("t0ken") };
const withControls = { username: "xl", password: secret("a\u0003b") };
const tooLong = { username: "xl", password: secret("x".repeat(5000)) };

test.each<[string, Scene, RegExp]>([
  ["there is no script", { files: { "/usr/bin/ctr": "" } }, /no `script` \(of util-linux\)/],
  ["the login is a token", { credential: token }, /identity token only in its arguments/],
  ["the password would steer the terminal", { credential: withControls }, /control characters/],
  ["the password is no line", { credential: tooLong }, /so long/],
  ["there is no ctr", { files: {} }, /^there is no ctr on this host$/],
  ["the root is another", { root: "/srv/tree" }, /--root names a tree of files/],
])("containerd asked for by name fails before anything is run where %s", async (_, scene, reason) => {
  const { checks, calls } = await verify("containerd", scene);
  expect(summarise(checks)).toEqual(["program failed"]);
  expect(checks[0]?.problem).toMatchObject({ code: "RC-ENG-050", exit: 6, cause: expect.stringMatching(reason) });
  expect(calls).toEqual([]);
});

test.each<[string, string, string, number]>([
  [
    "a certificate",
    `Error: trying to reuse blob: pinging container registry: Get "https://reg.test:5000/v2/": ${X509}`,
    "RC-ENG-052",
    3,
  ],
  [
    "a login",
    "Error: writing blob: initiating layer upload to /v2/smoke/blobs/uploads/: unauthorized: authentication required",
    "RC-ENG-053",
    4,
  ],
  ["a name", 'Error: Get "https://reg.test:5000/v2/": dial tcp: lookup reg.test: no such host', "RC-ENG-054", 5],
  ["a limit", "Error: writing blob: received unexpected HTTP status: 413 Request Entity Too Large", "RC-PSH-004", 6],
  [
    "a project",
    "Error: writing manifest: not found: project smoke not found: project smoke not found",
    "RC-PSH-060",
    6,
  ],
  ["what nobody knows", "Error: the moon is full", "RC-ENG-055", 6],
])("what podman says of %s is told as what it is", async (_, stderr, code, exit) => {
  const says: Scene["says"] = (line) => (line.includes(" push ") ? { code: 125, stderr } : undefined);
  const { checks, deleted, calls } = await verify("podman", { says });
  expect(summarise(checks)).toEqual([
    "program passed",
    "image passed",
    "push failed",
    "pull skipped",
    "clean up passed",
  ]);
  expect(checks[2]?.problem).toMatchObject({ code, exit });
  expect(checks[2]?.problem?.evidence[0]).toContain(stderr.slice(0, 20));
  expect({ deleted, afterStop: calls.at(-1)?.afterStop }).toEqual({ deleted: [], afterStop: true });
});

test("an IPv6 address that a program cannot read in an image's name is told as that, and nothing stays", async () => {
  const says: Scene["says"] = (line) =>
    /oci-archive|image rm/.test(line)
      ? { code: 125, stderr: 'Error: normalizing name "[fd00::5]:443/smoke": invalid reference format' }
      : undefined;
  const { checks, notes } = await verify("podman", { registry: "[fd00::5]:443", says });
  expect(checks[1]?.problem).toMatchObject({
    code: "RC-ENG-056",
    fix: [expect.stringContaining("enroll NAME:443 --address fd00::5")],
  });
  expect(notes).toEqual([]);
});

test("what a terminal shows of a password before the echo is off is not told", async () => {
  const stdout = Buffer.from(`${PASSWORD}\r\nPassword: \r\nctr: failed to do request: ${PASSWORD}: ${X509}\r\n`);
  const says: Scene["says"] = (line) => (line.includes("'push'") ? { code: 1, stdout } : undefined);
  const { checks } = await verify("containerd", { says });
  expect(checks[2]?.problem).toMatchObject({ code: "RC-ENG-052" });
  expect(JSON.stringify(checks)).not.toContain("s3cret");
});

test("an image that cannot be removed is told", async () => {
  const says: Scene["says"] = (line) =>
    line.includes("image rm") && line.includes("@sha256:")
      ? { code: 2, stderr: "Error: image used by 1a2b: image is in use" }
      : undefined;
  const { checks, notes } = await verify("podman", { says });
  expect(checks.at(-1)?.status).toBe("passed");
  expect(notes).toEqual([
    `${IMAGE}:verify-client-1-podman stays in podman: Error: image used by 1a2b: image is in use`,
  ]);
});

test.each<[ProgramVia, Mode, readonly string[], RegExp | undefined]>([
  ["podman", "light", ["program passed", "login passed"], undefined],
  ["skopeo", "login", ["program passed", "login passed"], undefined],
  ["buildah", "pull", ["program passed"], /--mode push-pull makes one/],
  ["containerd", "light", ["program passed"], /shows one only with an image/],
])("%s with --mode %s makes no image", async (via, mode, expected, note) => {
  const { checks, lines, notes } = await verify(via, { mode });
  expect(summarise(checks)).toEqual(expected);
  expect(notes).toEqual(note === undefined ? [] : [expect.stringMatching(note)]);
  expect(lines.slice(1)).toEqual(
    expected.length === 1 ? [] : [`/usr/bin/${via} login --tls-verify=true reg.test:5000`],
  );
});

test.each(["image", "push"])("who stops it at %s is told that, and what was made goes", async (at) => {
  const stop = new AbortController();
  const says: Scene["says"] = (line) => {
    if (line.includes(at === "image" ? "--version" : " push ")) stop.abort();
    return line.includes(" push ") ? { code: undefined, stderr: "The operation was aborted" } : undefined;
  };
  const { checks, calls } = await verify("podman", { says, signal: stop.signal });
  expect(checks.find(({ status }) => status === "failed")).toMatchObject({
    name: at,
    problem: { code: "RC-NET-016", exit: 5 },
  });
  expect(checks.at(-1)).toMatchObject({ name: "clean up", status: "passed" });
  expect(calls.filter(({ afterStop }) => afterStop === true)).toHaveLength(at === "image" ? 0 : 1);
});

test.each([
  [undefined, "it did not end within 120 seconds"],
  [50_000_000, "it did not end within 620 seconds"],
])("a program that never ends is ended and told of (--size %s)", async (size, cause) => {
  const says: Scene["says"] = (line) => (line.includes(" push ") ? { code: undefined, stderr: "aborted" } : undefined);
  const { checks } = await verify("podman", { says, size, late: " push " });
  expect(checks[2]?.problem).toMatchObject({ code: "RC-ENG-055", cause: `it said: ${cause}` });
});
