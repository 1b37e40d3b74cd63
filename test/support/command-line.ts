import * as z from "zod";
import { wantsJson } from "../../src/cli/bug.ts";
import { run } from "../../src/cli/run.ts";
import { documents } from "../../src/cli/schemas/documents.ts";
import type { SecretStore } from "../../src/credentials/secret-store.ts";
import { makeFakeHost, newTranscript, type FakeHostOptions, type Transcript } from "./fake-host.ts";
import { makeBrokenKeychain } from "./fake-keychain.ts";

/** What a command line came to. */
export interface Ran extends Transcript {
  readonly exit: number;
}

/** Runs a command line as the program does, against the tree below `root`, in this process. */
export async function runCommand(
  argv: readonly string[],
  options: FakeHostOptions & { readonly keychain?: SecretStore },
): Promise<Ran> {
  const transcript = newTranscript();
  const exit = await run([...argv, "--root", options.root], {
    version: "1.2.3",
    keychain: options.keychain ?? makeBrokenKeychain("no keychain"),
    hostAt: (root, terminal) => {
      const host = makeFakeHost({ ...options, root }, transcript);
      const interactive = host.terminal.interactive && terminal.interactive;
      const colour = terminal.colour ?? host.terminal.colour;
      return { ...host, terminal: { ...host.terminal, interactive, colour } };
    },
  });
  if (wantsJson(argv)) expectDescribed(argv, transcript.out);
  return { ...transcript, exit };
}

/** Whatever a test makes a command print as JSON, it is what docs/schemas says. */
function expectDescribed(argv: readonly string[], text: string): void {
  const words = argv.filter((word) => !word.startsWith("-"));
  const schema = documents[`${words[0]}-${words[1]}`] ?? documents[words[0] ?? ""];
  if (schema === undefined) return;
  const read = schema.safeParse(JSON.parse(text));
  if (!read.success) throw new Error(`docs/schemas does not describe this:\n${text}\n${z.prettifyError(read.error)}`);
}

/** The same text on every run: ports, folders, fingerprints, times and dates get names. */
export function steady(text: string, names: Readonly<Record<string, string>> = {}): string {
  const named = Object.entries(names).reduce((rest, [from, to]) => rest.replaceAll(from, to), text);
  return named
    .replaceAll(/127\.0\.0\.1:\d+/g, "127.0.0.1:PORT")
    .replaceAll(/[0-9a-f]{64}/g, "HEX")
    .replaceAll(/[0-9a-f]{12}…/g, "HEX…")
    .replaceAll(/\d{4}-\d\d-\d\d(?:T[\d:.]+Z| \d\d:\d\d UTC)/g, "TIME")
    .replaceAll(/\d{4}-\d\d-\d\d/g, "DAY");
}
