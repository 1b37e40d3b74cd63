import { createHash } from "node:crypto";
import { problem } from "../../findings/problem.ts";
import type { ProcessResult } from "../../host/ports.ts";
import { failure, success } from "../../result.ts";
import { reveal, secret } from "../secret.ts";
import { CREDENTIALS, type Vault, type VaultMeans } from "../vault.ts";

const PROGRAM = "systemd-creds";
const TIMEOUT_MS = 10_000;
// systemd-creds came with systemd 250
const LEAST_VERSION = 250;
// CREDENTIAL_ENCRYPTED_SIZE_MAX (systemd, src/shared/creds-util.h), which counts the base64 too
const MOST_ENCRYPTED = 1152 * 1024;

/** Where the credential of a registry lies, as systemd encrypted it. */
export function systemdPath(key: string): string {
  return `${CREDENTIALS}/${key}.systemd`;
}

/**
 * systemd's own encryption, with the TPM where there is one, and the host's key: what is copied to another machine opens
 * nothing there. For root, without any session.
 */
export const systemdVault: Vault = {
  id: "systemd",
  findObstacle: async ({ host }) => {
    if (host.files.root !== "/") return "--root names another system";
    const found = await call({ host }, ["--version"], new Uint8Array());
    if (found.code !== 0) return `${PROGRAM} cannot be run: ${found.stderr}`;
    const version = Number(/^systemd (\d+)/.exec(Buffer.from(found.stdout).toString())?.[1]);
    if (!(version >= LEAST_VERSION)) return `systemd ${version} is older than ${LEAST_VERSION}`;
    // not tried out: systemd makes the host's key when it first encrypts, and a refused enrollment is to leave nothing
    return undefined;
  },
  prepare: async (means, key, { username, password }) => {
    const argv = ["encrypt", `--name=${nameOf(key, username)}`, "-", "-"];
    const done = await call(means, argv, Buffer.from(reveal(password), "utf8"));
    const reason = done.code === 0 ? explainExcess(done.stdout) : reasonOf(done);
    if (reason !== undefined) return failure(problem("RC-CRD-007", { reason }, [reason]));
    const path = systemdPath(key);
    const pointer = { vault: "systemd" as const, item: path, username };
    return success({ pointer, files: [{ path, bytes: done.stdout }] });
  },
  read: async (means, key, { item, username }) => {
    if (means.host.files.root !== "/")
      return failure(problem("RC-CRD-004", { name: key, item, reason: "--root names another system" }));
    const entry = await means.host.files.readEntry(item);
    if (entry.kind !== "file") {
      const reason = entry.kind === "unreadable" ? entry.reason : entry.kind;
      return failure(problem("RC-CRD-004", { name: key, item, reason }));
    }
    const done = await call(means, ["decrypt", `--name=${nameOf(key, username)}`, "-", "-"], entry.bytes);
    if (done.code !== 0) {
      const reason = reasonOf(done);
      return failure(problem("RC-CRD-004", { name: key, item, reason }, [reason]));
    }
    return success(secret(Buffer.from(done.stdout).toString("utf8")));
  },
};

/** What is longer is encrypted without complaint, and cannot be decrypted again. */
function explainExcess(encrypted: Uint8Array): string | undefined {
  if (encrypted.length <= MOST_ENCRYPTED) return undefined;
  return `encrypted, the password is ${encrypted.length} bytes long, and systemd decrypts ${MOST_ENCRYPTED} at most`;
}

async function call(
  { host }: Pick<VaultMeans, "host">,
  args: readonly string[],
  input: Uint8Array,
): Promise<ProcessResult> {
  return host.processes.run([PROGRAM, ...args], { input, timeoutMs: TIMEOUT_MS });
}

/** systemd refuses a credential under another name than it was made for; names are file names, without colons. */
function nameOf(key: string, username: string): string {
  const readable = key.replaceAll(/[^a-z0-9.-]/g, "_");
  return `regclient.${readable}.${createHash("sha256")
    .update(JSON.stringify([key, username]))
    .digest("hex")
    .slice(0, 16)}`;
}

function reasonOf({ code, stderr }: ProcessResult): string {
  if (code === undefined) return `${PROGRAM} was not done within ${TIMEOUT_MS / 1000} s, or is not there: ${stderr}`;
  return stderr.split("\n").at(-1) ?? "";
}
