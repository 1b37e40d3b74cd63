import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { secret } from "../../src/credentials/secret.ts";
import { problem } from "../../src/findings/problem.ts";
import { makeScratch } from "../../src/host/node-scratch.ts";
import type { Host, ProcessOptions, ProcessResult } from "../../src/host/ports.ts";
import { failure, success } from "../../src/result.ts";
import { parseRegistryName } from "../../src/registry/name.ts";
import type { Verification } from "../../src/smoke/direct.ts";
import type { Mode } from "../../src/smoke/report.ts";
import { makeFakeHost } from "./fake-host.ts";
import { valueOf } from "./registry-client.ts";
import { makeScratchRoot } from "./scratch-root.ts";

/** What every program says that it has pushed. */
export const DIGEST = `sha256:${"a".repeat(64)}`;
/** Of the login, unless the scene has another. */
export const PASSWORD = "s3cret it's";
const PROGRAMS = Object.fromEntries(
  ["podman", "skopeo", "buildah", "ctr", "script"].map((name) => [`/usr/bin/${name}`, ""]),
);

/** A call of a program. */
interface Called extends ProcessOptions {
  readonly argv: readonly string[];
}

/** What is there, and what programs do. */
export interface Scene {
  readonly registry?: string;
  readonly credential?: Verification["credential"];
  readonly mode?: Mode;
  readonly files?: Readonly<Record<string, string>>;
  /** What the program does when its command line matches; it does well otherwise. */
  readonly says?: (line: string) => Partial<ProcessResult> | undefined;
  readonly caller?: Partial<Host["caller"]>;
  readonly root?: string;
  readonly signal?: AbortSignal;
  readonly size?: number | undefined;
  /** Command lines with this take all the time that they are given. */
  readonly late?: string;
}

/** A verification, and what came of it. */
interface Stage {
  readonly verification: Verification;
  readonly calls: Called[];
  readonly notes: string[];
  readonly deleted: string[];
  readonly folder: string;
}

/** A host that believes to be the machine itself, with programs that do as the scene says. */
export function setStage(scene: Scene): Stage {
  const folder = makeScratchRoot(scene.files ?? PROGRAMS);
  const [calls, notes, deleted]: [Called[], string[], string[]] = [[], [], []];
  const run: Host["processes"]["run"] = async (argv, options) => {
    calls.push({ argv, ...options });
    const line = argv.join(" ");
    if (scene.late !== undefined && line.includes(scene.late)) await fake.clock.sleep(options.timeoutMs);
    const digestFile = argv[argv.indexOf("--digestfile") + 1];
    const said = { code: 0, stdout: Buffer.from("version 1.2.3\n"), stderr: "", ...scene.says?.(line) };
    if (argv.includes("--digestfile") && said.code === 0) writeFileSync(join(folder, digestFile ?? ""), `${DIGEST}\n`);
    return said;
  };
  const fake = makeFakeHost({
    root: folder,
    processes: { run },
    caller: { uid: 0, ...scene.caller },
    ...(scene.signal && { signal: scene.signal }),
  });
  const host: Host = {
    ...fake,
    files: { ...fake.files, root: scene.root ?? "/" },
    makeScratch: async () => {
      const made = await makeScratch(folder);
      return { ...made, path: made.path.slice(folder.length) };
    },
  };
  const verification: Verification = {
    host,
    route: { name: valueOf(parseRegistryName(scene.registry ?? "reg.test:5000")), address: undefined },
    roots: [],
    client: {} as unknown as Verification["client"],
    adopt: () => undefined,
    cleaner: {
      deleteManifest: async (_: string, digest: string) => {
        deleted.push(digest);
        return success("deleted");
      },
      getManifest: async () => failure(problem("RC-PSH-003", { authority: "a", what: "b" })),
    } as unknown as Verification["cleaner"],
    credential: "credential" in scene ? scene.credential : { username: "xl", password: secret(PASSWORD) },
    loginProved: false,
    mode: scene.mode ?? "push-pull",
    repository: "smoke",
    size: scene.size,
    begin: () => undefined,
    note: (text) => void notes.push(text),
  };
  return { verification, calls, notes, deleted, folder };
}
