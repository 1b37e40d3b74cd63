import { join } from "node:path";
import { expect } from "vitest";
import { diffTrees, startLab, type CommandOptions, type CommandResult, type Lab, type LabOptions } from "../lab.ts";
import type { LabHost } from "./host.ts";
import { checkout } from "./holder.ts";
import { labPath } from "./requirements.ts";

/** The login of the seed registry. Its password has what shells, headers and encodings stumble over. */
export const login = { username: "xl", password: "sesam öffne dich: 1&2 %s" } as const;

/** The built programs in front of the lab's own PATH, so that docker finds the credential helper. */
export const programPath = { PATH: `${join(checkout, "bin")}:${labPath}` } as const;

/** A lab whose registry host runs the seed registry, and what a person types on the client. */
export interface ClientLab extends Lab {
  /** Fingerprint of what the registry serves. */
  readonly fingerprint: string;
  regclient(args: readonly string[], options?: CommandOptions): Promise<CommandResult>;
  /** `enroll devregistry` with address, fingerprint, user and password; `more` is added. */
  enroll(more?: readonly string[], options?: CommandOptions): Promise<CommandResult>;
  docker(args: readonly string[], options?: CommandOptions): Promise<CommandResult>;
}

const registryAddresses = ["--address", "10.10.62.103", "--address", "fd00:62::103"];

/** Starts a lab with the seed registry up. No dockerd runs yet. */
export async function startClientLab(options: LabOptions = {}): Promise<ClientLab> {
  const lab = await startLab(options);
  try {
    const fingerprint = await bringUp(lab, []);
    const client = (argv: readonly string[], more: CommandOptions = {}): Promise<CommandResult> =>
      lab.client.run(argv, { ...more, env: { ...programPath, ...more.env } });
    const regclient: ClientLab["regclient"] = (args, more) => client(["regclient", ...args], more);
    return {
      ...lab,
      fingerprint,
      regclient,
      enroll: (args = [], more = {}) =>
        regclient(["enroll", "devregistry", "--address", "10.10.62.103", ...loginArgs(fingerprint), ...args], {
          stdin: `${login.password}\n`,
          ...more,
        }),
      docker: (args, more) => client(["docker", ...args], more),
    };
  } catch (error) {
    await lab[Symbol.asyncDispose]();
    throw error;
  }
}

/** Brings a registry up with the login, gives its fingerprint. `more` are options of `up`. */
export async function bringUp(lab: Lab, more: readonly string[], folder: readonly string[] = []): Promise<string> {
  const user = ["--username", login.username, "--password-stdin"];
  const up = await lab.registry.devregistry(["up", ...registryAddresses, ...user, ...more, ...folder], {
    stdin: `${login.password}\n`,
  });
  expect(up).toMatchObject({ code: 0 });
  return (await lab.registry.devregistry(["fingerprint", ...folder])).stdout.trim();
}

/** The options of `enroll` that say what to trust and who to be. */
export function loginArgs(fingerprint: string): readonly string[] {
  return ["--fingerprint", fingerprint, "--username", login.username, "--password-stdin"];
}

/** The stdout of a command that must have gone well; what it wrote to stderr is shown when it did not. */
export function expectDone(result: CommandResult): string {
  expect({ code: result.code, stderr: result.code === 0 ? "" : result.stderr }).toEqual({ code: 0, stderr: "" });
  return result.stdout;
}

/** Expects the host to be, byte for byte and mode for mode, as when `before` was taken. */
export async function expectUntouched(host: LabHost, before: ReadonlyMap<string, string>): Promise<void> {
  expect(diffTrees(before, await host.hashTree())).toEqual({ added: [], removed: [], changed: [] });
}

/** Files of the host, volatile ones too, that hold the text in clear or anywhere inside base64. */
export async function findText(host: LabHost, text: string): Promise<readonly string[]> {
  const encoded = [0, 1, 2].map((shift) => {
    const whole = Buffer.from("_".repeat(shift) + text).toString("base64");
    // the characters at both ends also hold bits of what stands beside
    return whole.slice(shift === 0 ? 0 : shift + 1, whole.length - 4);
  });
  const search = ["grep", "--recursive", "--files-with-matches", "--text", "--fixed-strings", "--devices=skip"];
  const { stdout } = await host.run([...search, "--file=-", "/run", "/tmp"], { stdin: [text, ...encoded].join("\n") });
  return stdout.split("\n").filter((path) => path !== "" && !path.startsWith(`${checkout}/`));
}
