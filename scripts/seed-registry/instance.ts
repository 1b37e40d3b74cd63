import { chmodSync, mkdirSync } from "node:fs";
import { makeEngine, type Engine } from "./engine.ts";
import { done, failed, type Outcome } from "./fault.ts";
import { layOut, type Layout } from "./layout.ts";
import { readSettings, type Settings } from "./settings.ts";

/** An instance that was set up before. */
export interface Instance {
  readonly layout: Layout;
  readonly settings: Settings;
  readonly engine: Engine;
}

/** Opens the instance below `data`. Fails when there is none. */
export function openInstance(data: string): Outcome<Instance> {
  const layout = layOut(data);
  const settings = readSettings(layout);
  if (!settings.ok) return settings;
  if (settings.value === undefined)
    return failed(`there is no registry in ${data}`, ["scripts/devregistry up", "for another folder: --data DIR"]);
  return done({ layout, settings: settings.value, engine: makeEngine(settings.value, layout) });
}

/** Makes the folders of an instance. */
export function makeFolders(layout: Layout): void {
  const folders: readonly (readonly [string, number])[] = [
    [layout.data, 0o755],
    [layout.tls, 0o700],
    [layout.publicFolder, 0o755],
    [layout.registryData, 0o700],
    [layout.nginxFolder, 0o755],
    [layout.run, 0o755],
    [layout.logs, 0o755],
  ];
  for (const [folder, mode] of folders) {
    mkdirSync(folder, { recursive: true });
    // mkdir's own mode is subject to the umask.
    chmodSync(folder, mode);
  }
}
