import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseRegistryName } from "../../src/registry/name.ts";
import { probeRuntimes } from "../../src/runtimes/probe.ts";
import { systemRuntime } from "../../src/runtimes/system.ts";
import { useRegistry } from "../support/cli-registry.ts";
import { runCommand } from "../support/command-line.ts";
import { makeFakeHost } from "../support/fake-host.ts";
import { makeCA, makeLeaf, type Identity } from "../support/pki.ts";
import { valueOf } from "../support/registry-client.ts";
import { makeScratchRoot, snapshotTree } from "../support/scratch-root.ts";

const registry = useRegistry();
const ca = makeCA({ commonName: "CA" });
const second = makeCA({ commonName: "second CA" });
const selfSigned = makeLeaf({ commonName: "reg.test", dns: ["reg.test"] });
const issued = makeLeaf({ commonName: "reg.test", dns: ["reg.test"], issuer: ca });
const DEBIAN = { sign: "/usr/sbin/update-ca-certificates", version: undefined };
const RED_HAT = { sign: "/usr/bin/update-ca-trust", version: undefined };

test.each([
  ["a CA", DEBIAN, [ca], 1, [], []],
  ["two CAs, each in its own file", DEBIAN, [ca, second], 2, [], []],
  ["a certificate that signs itself", DEBIAN, [selfSigned], 1, ["RC-RUN-041"], []],
  ["a server's, from a CA", DEBIAN, [issued], 0, ["RC-RUN-041"], ["RC-RUN-042"]],
  ["both", DEBIAN, [issued, ca], 1, ["RC-RUN-041"], []],
  ["a CA, on Red Hat", RED_HAT, [ca], 1, [], []],
  ["a certificate that signs itself, on Red Hat", RED_HAT, [selfSigned], 0, ["RC-RUN-041"], ["RC-RUN-042"]],
] as const)("what goes into the system's store of %s", (_, found, identities, files, warnings, conflicts) => {
  const wants = systemRuntime.wants(
    {
      name: valueOf(parseRegistryName("reg.test:5000")),
      bundle: identities.map(({ certificate }: Identity) => certificate.pem).join(""),
      client: undefined,
      found,
      selected: ["system"],
      accounts: [],
    },
    { entry: () => ({ kind: "absent" }), text: () => undefined },
  );
  const directory = found === DEBIAN ? "/usr/local/share/ca-certificates" : "/etc/pki/ca-trust/source/anchors";
  expect(wants.files).toHaveLength(files);
  for (const { path, bytes } of wants.files) {
    expect(path).toMatch(new RegExp(`^${directory}/regclient-reg\\.test_5000-[0-9a-f]{8}\\.crt$`));
    expect(
      Buffer.from(bytes)
        .toString("utf8")
        .match(/BEGIN CERTIFICATE/g),
    ).toHaveLength(1);
  }
  expect(wants.warnings.map(({ code }) => code)).toEqual(warnings);
  expect(wants.conflicts.map(({ code }) => code)).toEqual(conflicts);
});

test("looking for runtimes never runs what changes the host", async () => {
  const root = makeScratchRoot({
    "/usr/sbin/update-ca-certificates": "",
    "/usr/bin/update-ca-trust": "",
    "/usr/bin/podman": "",
  });
  const ran: string[] = [];
  const fake = makeFakeHost({
    root,
    processes: {
      run: async (argv) => {
        ran.push(argv.join(" "));
        return { code: 0, stdout: Buffer.from("podman version 4.3.1\n"), stderr: "" };
      },
    },
  });
  const found = await probeRuntimes({ ...fake, files: { ...fake.files, root: "/" } }, "all");
  expect(ran).toEqual(["/usr/bin/podman --version"]);
  expect(found.get("system")).toEqual({ sign: "/usr/sbin/update-ca-certificates", version: undefined });
});

test("only when asked for; says what it means; and goes again", async () => {
  const root = makeScratchRoot({
    "/etc/hosts": "",
    "/var/lib/x": "",
    "/usr/sbin/update-ca-certificates": "",
    "/usr/local/share/ca-certificates/theirs.crt": "",
  });
  const before = snapshotTree(root);
  const enroll = (runtimes: readonly string[]): ReturnType<typeof runCommand> =>
    runCommand(
      ["enroll", registry.name, "--fingerprint", registry.fingerprint, "--username", "xl", "--password-stdin"].concat(
        ["--mode", "login"],
        runtimes.flatMap((each) => ["--runtime", each]),
      ),
      { root, stdin: "s3cret-pass\n" },
    );
  expect((await enroll([])).exit).toBe(0);
  expect(Object.keys(snapshotTree(root)).filter((path) => path.includes("regclient-127"))).toEqual([]);
  const asked = await enroll(["docker", "system"]);
  expect(asked.exit).toBe(0);
  expect(asked.err).toContain("every program on this host trusts");
  expect(asked.err).toContain("to be run in that tree before it counts: update-ca-certificates");
  const path = Object.keys(snapshotTree(root)).find((each) => each.includes("/regclient-127")) ?? "";
  expect(readFileSync(join(root, path), "utf8")).toBe(registry.tls.cert);
  expect((await runCommand(["unenroll", registry.name], { root })).exit).toBe(0);
  expect(snapshotTree(root)).toEqual(before);
});
