import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { startEmbeddedRegistry } from "../../scripts/embedded-registry/server.ts";
import { parseRegistryName } from "../../src/registry/name.ts";
import { verifyRegistry, type VerifyRequest } from "../../src/smoke/verify.ts";
import { useRegistry } from "../support/cli-registry.ts";
import { runCommand, type Ran } from "../support/command-line.ts";
import { makeFakeHost } from "../support/fake-host.ts";
import { valueOf } from "../support/registry-client.ts";
import { makeScratchRoot, snapshotTree } from "../support/scratch-root.ts";

const registry = useRegistry();
const login = ["--username", "xl", "--password-stdin"];
const pin = (): readonly string[] => ["--fingerprint", registry.fingerprint];

async function enroll(root: string, ...argv: readonly string[]): Promise<Ran> {
  return runCommand(["enroll", registry.name, ...argv], { root, stdin: "s3cret-pass\n" });
}

/** How often the registry has been sent a password. */
function countLogins(): number {
  return registry.requests.filter(({ hadAuthorization }) => hadAuthorization).length;
}

function put(root: string, path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

const BUNDLE = "/etc/ssl/certs/ca-certificates.crt";
const trees: readonly (readonly [string, (root: string) => void | Promise<unknown>])[] = [
  ["its CAs", (root) => put(root, BUNDLE, registry.tls.cert)],
  [
    "its declaration",
    (root) => {
      const trust = `trust:\n  fingerprints: ["${registry.fingerprint}"]\n`;
      put(
        root,
        `/etc/regclient/registries.d/${registry.name}.yaml`,
        `version: 1\nregistry: ${registry.name}\n${trust}`,
      );
    },
  ],
  [
    "a file it declares",
    (root) => {
      put(root, "/ca.crt", registry.tls.cert);
      const trust = "trust:\n  caFile: /ca.crt\n";
      put(
        root,
        `/etc/regclient/registries.d/${registry.name}.yaml`,
        `version: 1\nregistry: ${registry.name}\n${trust}`,
      );
    },
  ],
  ["its records", (root) => enroll(root, ...pin(), "--no-verify")],
];

test.each(trees)(
  "a password is not sent to whom a tree trusts by %s, until the command line says so",
  async (_, make) => {
    const root = makeScratchRoot({ "/var/lib/x": "" });
    await make(root);
    const before = [snapshotTree(root), countLogins()];
    const refused = await enroll(root, ...login);
    expect(refused.exit).toBe(3);
    expect(refused.err).toContain(`--fingerprint ${registry.fingerprint}`);
    expect([snapshotTree(root), countLogins()]).toEqual(before);
    expect((await enroll(root, ...pin(), ...login)).exit).toBe(0);
    expect((await enroll(root, "--no-verify")).exit).toBe(0);
  },
);

test("nobody types a password before they have compared the fingerprint, whatever a tree holds", async () => {
  const root = makeScratchRoot({ "/var/lib/x": "" });
  await enroll(root, ...pin(), "--no-verify");
  const argv = ["enroll", registry.name, "--username", "xl"];
  const { exit, questions } = await runCommand(argv, { root, answers: ["no", "s3cret-pass"] });
  expect(exit).toBe(3);
  expect(questions.map(({ hidden }) => hidden)).toEqual([false]);
});

test("login sends no password to whom a tree trusts", async () => {
  const root = makeScratchRoot({ "/var/lib/x": "" });
  await enroll(root, ...pin(), "--no-verify");
  const before = countLogins();
  const refused = await runCommand(["login", registry.name, ...login], { root, stdin: "s3cret-pass\n" });
  expect(refused.err).toContain(`regclient enroll ${registry.name} --fingerprint ${registry.fingerprint}`);
  expect([refused.exit, countLogins()]).toEqual([3, before]);
});

test("a password is not sent to a token server that only a tree declares", async () => {
  const realm = "https://auth.test/token";
  const server = await startEmbeddedRegistry({
    host: "127.0.0.1",
    port: 0,
    deleteEnabled: true,
    tls: registry.tls,
    auth: "bearer",
    realm,
  });
  onTestFinished(() => server.close());
  const name = `127.0.0.1:${server.port}`;
  const declared = `version: 1\nregistry: ${name}\ncredentials:\n  realms: [auth.test]\n`;
  const root = makeScratchRoot({ [`/etc/regclient/registries.d/${name}.yaml`]: declared, "/var/lib/x": "" });
  const argv = ["enroll", name, ...pin(), ...login];
  const said = async (...more: readonly string[]): Promise<string> =>
    (await runCommand([...argv, ...more], { root, stdin: "s3cret-pass\n" })).err;
  expect(await said()).toContain("[RC-AUT-005]");
  expect(await said("--realm", "auth.test")).toContain("[RC-AUT-011]");
});

test("a tree's CAs do not vouch where no password is given either", async () => {
  const root = makeScratchRoot({ "/var/lib/x": "", [BUNDLE]: registry.tls.cert });
  expect((await enroll(root, "--no-verify")).exit).toBe(3);
});

test("a verification that is told whom to trust does not ask the tree", async () => {
  const name = valueOf(parseRegistryName(registry.name));
  const root = makeScratchRoot({ [`/etc/docker/certs.d/${registry.name}/other.crt`]: registry.tls.cert });
  const request: VerifyRequest = {
    route: { name, address: undefined },
    credential: undefined,
    loginProved: false,
    allowedRealms: [],
    mode: "login",
    repository: "x",
    via: "direct",
    begin: () => undefined,
  };
  const passed = async (more: Partial<VerifyRequest>): Promise<readonly string[]> => {
    const { ways } = await verifyRegistry(makeFakeHost({ root }), { ...request, ...more });
    return ways.flatMap(({ checks }) => checks.filter(({ status }) => status === "passed").map((each) => each.name));
  };
  expect(await passed({})).toContain("tls");
  expect(await passed({ roots: [] })).toEqual(["name"]);
});
