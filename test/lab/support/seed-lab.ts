import { X509Certificate } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { expect } from "vitest";
import { startLab, type CommandResult, type Lab } from "../lab.ts";

/** Where devregistry keeps its files on the registry host. */
export const data = "/var/lib/devregistry";

/** The options of `up` for the addresses of the registry host. */
export const addresses: readonly string[] = ["--address", "10.10.62.103", "--address", "fd00:62::103"];

/** A lab whose client knows the alias, and what one asks of the seed registry in it. */
export interface SeedLab extends Lab {
  /** Runs devregistry and gives its stdout; fails the test when it fails. */
  must(args: readonly string[], stdin?: string): Promise<string>;
  /** curl on the client. */
  curl(args: readonly string[], stdin?: string): Promise<CommandResult>;
  /** The certificates that the client gets from trust.pem. */
  readTrust(): Promise<readonly X509Certificate[]>;
  /** Fingerprint of the certificate that is served. */
  readServed(): Promise<string>;
  /** The status of GET /v2/ for a login. */
  askAs(user: string, password: string): Promise<string>;
  /** The names of the registry's processes. */
  listProcesses(): Promise<readonly string[]>;
  /** The pids of nginx and the registry, as their files tell them. */
  listPids(): readonly string[];
}

/** Starts a lab with the alias `devregistry` in the client's /etc/hosts. devregistry itself is not up yet. */
export async function startSeedLab(): Promise<SeedLab> {
  const lab = await startLab();
  const hosts = readFileSync(lab.client.path("/etc/hosts"), "utf8");
  writeFileSync(lab.client.path("/etc/hosts"), `${hosts}10.10.62.103\tdevregistry\n`);
  const curl = (args: readonly string[], stdin = ""): Promise<CommandResult> =>
    lab.client.run(["curl", "--silent", "--show-error", "--max-time", "10", ...args], { stdin });
  return {
    ...lab,
    curl,
    must: (args, stdin = "") => mustRun(lab, args, stdin),
    readTrust: async () => {
      const { stdout } = await curl(["--insecure", "https://devregistry/.well-known/regclient/trust.pem"]);
      return (stdout.match(/-----BEGIN[^]*?-----END CERTIFICATE-----\n/g) ?? []).map((pem) => new X509Certificate(pem));
    },
    readServed: async () => {
      const show = ["--write-out", "%{certs}", "--output", "/dev/null"];
      const { stdout } = await curl(["--insecure", ...show, "https://devregistry/"]);
      return fingerprintOf(new X509Certificate(stdout.slice(stdout.indexOf("-----BEGIN"))));
    },
    askAs: async (user, password) => {
      const show = ["--output", "/dev/null", "--write-out", "%{http_code}"];
      const login = `user = "${user}:${password}"\n`;
      return (await curl(["--insecure", "--config", "-", ...show, "https://devregistry/v2/"], login)).stdout;
    },
    listProcesses: async () => {
      const { stdout } = await lab.registry.run(["ps", "-e", "-o", "comm="]);
      return stdout.split("\n").filter((name) => /nginx|docker-registry/.test(name));
    },
    listPids: () =>
      ["nginx", "registry"].map((name) => readFileSync(lab.registry.path(`${data}/run/${name}.pid`), "utf8")),
  };
}

/** As devregistry writes it. */
export function fingerprintOf(certificate: X509Certificate): string {
  return `sha256:${certificate.fingerprint256.replaceAll(":", "").toLowerCase()}`;
}

async function mustRun(lab: Lab, args: readonly string[], stdin: string): Promise<string> {
  const { code, stdout, stderr } = await lab.registry.devregistry(args, { stdin });
  expect({ args, code, stderr: code === 0 ? "" : stderr }).toEqual({ args, code: 0, stderr: "" });
  return stdout;
}
