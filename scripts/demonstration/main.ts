import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { randomBytes } from "node:crypto";
import { startRegistry, type DemoRegistry } from "./registry.ts";
import { createShell, type Shell } from "./shell.ts";

const HOSTS = "127.0.0.1\tlocalhost\n";
const [address = "127.0.0.1", port = "8443"] = process.argv.slice(2);
const scratch = mkdtempSync(join(tmpdir(), "regclient-demo-"));
// started by root, the registry runs as a user of its own, who must get to its data
chmodSync(scratch, 0o755);
try {
  await demonstrate();
  process.stdout.write("\ndemo: all of it went as it should\n");
} catch (error) {
  process.stderr.write(`\ndemo: ${(error as Error).message}\n`);
  process.exitCode = 1;
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

async function demonstrate(): Promise<void> {
  const root = makeHost();
  const password = randomBytes(12).toString("base64url");
  const registry = await startRegistry({ data: join(scratch, "registry"), address, port: Number(port), password });
  try {
    const shell = createShell(root);
    await tellStory(shell, registry, password);
    const hosts = readFileSync(join(root, "etc/hosts"), "utf8");
    if (hosts !== HOSTS) throw new Error("unenroll did not leave /etc/hosts as it was");
  } finally {
    await registry.stop();
  }
}

/** A directory that stands for the root of a Docker host. */
function makeHost(): string {
  const root = join(scratch, "host");
  for (const path of ["etc", "var/lib", "run"]) mkdirSync(join(root, path), { recursive: true });
  writeFileSync(join(root, "etc/hosts"), HOSTS);
  return root;
}

async function tellStory(shell: Shell, registry: DemoRegistry, password: string): Promise<void> {
  const { name, fingerprint } = registry;
  const where = registry.needsAddress ? ["--address", address] : [];
  const login = ["--username", "xl", "--password-stdin"];
  shell.say(`a registry runs: ${registry.description}`);
  shell.say("nobody has vouched for its certificate, so it is not trusted:");
  await shell.regclient(["enroll", name, ...where], { expect: 3 });
  shell.say("with the fingerprint, as its administrator reads it out:");
  await shell.regclient(["enroll", name, ...where, "--fingerprint", fingerprint, ...login], { input: password });
  shell.say("the same again changes nothing:");
  await shell.regclient(["enroll", name, "--no-verify"]);
  shell.say("what this host trusts, and why:");
  await shell.regclient(["status"]);
  shell.say("proof, any time later:");
  await shell.regclient(["verify", name]);
  shell.say("somebody deletes the certificate; one pass puts it back:");
  shell.remove(`etc/docker/certs.d/${registry.reference}/ca.crt`);
  await shell.regclient(["reconcile"]);
  shell.say("and all of it taken back, byte for byte:");
  await shell.regclient(["unenroll", name]);
}
