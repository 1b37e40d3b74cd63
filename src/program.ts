import manifest from "../package.json" with { type: "json" };
import { explainBug, wantsJson } from "./cli/bug.ts";
import { run } from "./cli/run.ts";
import { createKeychain } from "./credentials/keychain.ts";
import { exitCodes } from "./findings/problem.ts";
import { createNodeHost } from "./host/node-host.ts";

/** The whole program, from this process's arguments to its exit code. */
export async function main(): Promise<void> {
  const controller = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => controller.abort());
  try {
    const colour = wantsColour(process.env);
    process.exitCode = await run(process.argv.slice(2), {
      version: manifest.version,
      keychain: createKeychain(),
      hostAt: (root, terminal) =>
        createNodeHost(root, { ...terminal, colour: terminal.colour ?? colour }, controller.signal),
    });
  } catch (error) {
    const { out, err } = explainBug(error, wantsJson(process.argv.slice(2)));
    process.stdout.write(out);
    process.stderr.write(err);
    process.exitCode = exitCodes.bug;
  }
  // neither an idle connection nor a keychain call that never came back may keep the process
  process.stdout.write("", () => process.stderr.write("", () => process.exit()));
}

/** What the environment says of colours (no-color.org, bixense.com/clicolors), if it says anything. */
function wantsColour(environment: NodeJS.ProcessEnv): boolean | undefined {
  if (environment["NO_COLOR"]) return false;
  const forced = environment["FORCE_COLOR"] ?? environment["CLICOLOR_FORCE"];
  if (forced !== undefined && forced !== "") return forced !== "0";
  return environment["CLICOLOR"] === "0" || environment["TERM"] === "dumb" ? false : undefined;
}
