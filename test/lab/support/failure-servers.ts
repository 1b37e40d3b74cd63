import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { stringify } from "yaml";
import type { RunningCommand } from "./command.ts";
import { chainOf, frontFolder, writeFront, type Front } from "./failure-front.ts";
import type { Stub } from "./failure-stub.ts";
import { checkout } from "./holder.ts";
import type { LabHost } from "./host.ts";

/** What of the registry's configuration is replaced; `auth: null` leaves it out. */
export interface RegistryChanges {
  readonly storage?: object;
  readonly auth?: object;
  readonly http?: object;
}

/** nginx on the host, as it should be or changed; each start is a new one. */
export function makeFront(host: LabHost, good: Front) {
  const stop = async (): Promise<void> => {
    const pid = `${frontFolder}/nginx.pid`;
    await must(host, `test ! -e ${pid} || { kill $(cat ${pid}); while test -e ${pid}; do sleep 0.01; done; }`);
  };
  const start = async (
    changes: (front: Front) => Partial<Front> = () => ({}),
    environment: Readonly<Record<string, string>> = {},
  ): Promise<void> => {
    await stop();
    const front = { ...good, ...changes(good) };
    writeFile(host, `${frontFolder}/certificate.pem`, chainOf(front));
    writeFile(host, `${frontFolder}/key.pem`, front.identity.keyPem);
    writeFile(host, `${frontFolder}/nginx.conf`, writeFront(front));
    await must(host, `nginx -c ${frontFolder}/nginx.conf`, environment);
  };
  return { start, stop };
}

/** docker-registry on a port of 127.0.0.1, as it should be or changed. */
export function makeRegistry(host: LabHost, port: number) {
  let running: RunningCommand | undefined;
  const stop = async (): Promise<void> => {
    await running?.stop("SIGKILL");
    running = undefined;
  };
  const start = async ({ storage, auth, http }: RegistryChanges): Promise<void> => {
    await stop();
    const config = {
      version: 0.1,
      storage: { filesystem: { rootdirectory: "/var/lib/lab-registry" }, delete: { enabled: true }, ...storage },
      auth: auth ?? { htpasswd: { realm: "lab", path: "/etc/lab-htpasswd" } },
      http: { addr: `127.0.0.1:${port}`, secret: "lab", ...http },
    };
    const path = `/etc/lab-registry-${port}.yml`;
    writeFile(host, path, stringify(config));
    running = await host.start(["docker-registry", "serve", path]);
    await waitFor(running, "listening on");
  };
  return { start, stop };
}

/** Starts a stand-in; what is given back ends it. */
export async function startStub(host: LabHost, stub: Stub): Promise<() => Promise<void>> {
  const path = "/run/lab-stub.json";
  writeFile(host, path, JSON.stringify(stub));
  const main = join(checkout, "test/lab/support/failure-stub-main.ts");
  const running = await host.start([process.execPath, main, path]);
  await waitFor(running, "ready");
  return async () => void (await running.stop("SIGKILL"));
}

async function waitFor(running: RunningCommand, word: string): Promise<void> {
  const limit = Date.now() + 30_000;
  while (!running.output().includes(word)) {
    if (Date.now() > limit) throw new Error(`it did not start:\n${running.output()}`);
    await new Promise((done) => setTimeout(done, 10));
  }
}

/** Runs a shell command that must go well. */
export async function must(host: LabHost, command: string, env: Readonly<Record<string, string>> = {}): Promise<void> {
  const { code, stderr, stdout } = await host.run(["sh", "-c", command], { env });
  if (code !== 0) throw new Error(`${command}: ${stderr}${stdout}`);
}

/** Writes a file that everybody may read, and the folders above it. */
export function writeFile(host: LabHost, path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(host.path(path)), { recursive: true });
  writeFileSync(host.path(path), content);
  chmodSync(host.path(path), 0o644);
}
