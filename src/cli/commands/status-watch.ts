import { listWatchedPaths } from "../../daemon/watched-paths.ts";
import { listDeclared, listEnrolled } from "../../enrollment/observe.ts";
import { REGISTRY_RECORDS } from "../../enrollment/record-paths.ts";
import { exitCodes, printableText } from "../../findings/problem.ts";
import type { Host, ReadFiles } from "../../host/ports.ts";
import { watchFiles } from "../../host/watch-files.ts";
import type { Invocation, Outcome } from "../command.ts";
import { problemText } from "../output/problem-text.ts";

// what no event tells, and who may not watch, is found as late as this
const POLL_MS = 5000;
// one run changes several files: it is shown when it is done
const SETTLE_MS = 200;

/**
 * Shows what `look` gives now and after each change, until the program is told to stop or nobody reads any more. On a
 * terminal the screen is begun anew; elsewhere each state follows the one before, as JSON a line each.
 */
export async function watchStatus(invocation: Invocation, look: () => Promise<Outcome>): Promise<Outcome> {
  const { host } = invocation.pass;
  const stop = AbortSignal.any([host.signal, host.terminal.outClosed()]);
  let wake = new AbortController();
  const again = (): void => wake.abort();
  const watch = watchFiles({ changed: again, begun: again, failed: () => undefined });
  stop.addEventListener("abort", () => wake.abort(), { once: true });
  let shown = "";
  try {
    while (!stop.aborted) {
      wake = new AbortController();
      watch.watchOnly(await listPaths(host.files));
      const outcome = await look();
      const state = JSON.stringify([outcome.json, outcome.problems ?? []]);
      if (state !== shown) show(outcome, invocation, shown === "");
      shown = state;
      await host.clock.sleep(POLL_MS, wake.signal);
      if (!stop.aborted) await host.clock.sleep(SETTLE_MS, stop);
    }
  } finally {
    await watch.close();
  }
  return { exit: exitCodes.ok, text: "", json: {}, isTold: true };
}

async function listPaths(files: ReadFiles): Promise<readonly string[]> {
  const keys = new Set([...(await listDeclared(files)), ...(await listEnrolled(files))]);
  const found = await listWatchedPaths(files, [...keys]);
  return [REGISTRY_RECORDS, ...found.keys()].map((path) => files.realPath(path));
}

function show(outcome: Outcome, { common, paint, pass }: Invocation, isFirst: boolean): void {
  const { terminal, clock } = pass.host;
  const problems = outcome.problems ?? [];
  if (common.output === "json") {
    terminal.writeOut(`${JSON.stringify({ exit: outcome.exit, ...(outcome.json as object), problems })}\n`);
    return;
  }
  if (terminal.hasScreen) terminal.clearScreen();
  else if (!isFirst) terminal.writeOut("\n");
  terminal.writeOut(printableText(outcome.text));
  for (const each of problems) terminal.writeErr(problemText(each, paint));
  if (terminal.hasScreen) terminal.writeOut(paint.dim(lastLine(clock)));
}

function lastLine(clock: Host["clock"]): string {
  return `\nas of ${new Date(clock.now()).toLocaleTimeString()}; Ctrl-C ends\n`;
}
