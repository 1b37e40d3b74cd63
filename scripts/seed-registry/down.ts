import { existsSync, readdirSync, rmdirSync, rmSync } from "node:fs";
import { done, failed, type Outcome } from "./fault.ts";
import { openInstance } from "./instance.ts";
import { layOut, type Layout } from "./layout.ts";
import { report, type Report } from "./report.ts";

/** Stops the instance below `data`; with `purge` it also removes certificate, users and images. */
export async function bringDown(data: string, purge: boolean): Promise<Outcome<Report>> {
  const instance = openInstance(data);
  // A first `up` that failed leaves files but no settings.
  if (!instance.ok && purge && existsSync(layOut(data).tls)) return done(report(...purgeFiles(layOut(data))));
  if (!instance.ok) return instance;
  const { engine, settings } = instance.value;
  const wasRunning = engine.parts().some(({ isRunning }) => isRunning);
  const stopped = await engine.stop();
  if (!stopped.ok) return stopped;
  if (engine.parts().some(({ isRunning }) => isRunning)) return failed(`${settings.alias} does not stop`);
  const line = `${settings.alias} ${wasRunning ? "is down" : "was down already"}`;
  if (!purge) return done(report(line));
  return done(report(line, ...purgeFiles(layOut(data))));
}

/** Removes what an instance makes and nothing else: --data may have been given a folder with other things in it. */
function purgeFiles(layout: Layout): readonly string[] {
  const { data, ...own } = layout;
  // The settings last: until they are gone, the purge can be run again.
  for (const path of Object.values(own)) if (path !== own.settings) rmSync(path, { recursive: true, force: true });
  rmSync(own.settings, { force: true });
  const others = readdirSync(data);
  if (others.length > 0) return [`removed the registry's files; ${data} holds others and stays`];
  rmdirSync(data);
  return [`removed ${data}`];
}
