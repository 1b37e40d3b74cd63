// The first code of the executable: the other files lie inside it as assets, and each is compiled when it is first asked for.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { getAsset, getRawAsset } from "node:sea";
import { createPartLoader, type LoadedPart } from "./parts.ts";

const HELPER = "docker-credential-regclient";

const load = createPartLoader({
  text: (name) => getAsset(name, "utf8"),
  cache: (name) => {
    try {
      return Buffer.from(getRawAsset(`${name}.cache`));
    } catch {
      return undefined;
    }
  },
  addon: loadAddon,
});

// Docker calls the helper by a name of its own, which is a link to this program
if (basename(process.argv0) === HELPER) load("./helper.cjs");
else void (load("./regclient.cjs") as { readonly main: () => Promise<void> }).main();

/** A native part has to be a file while it is loaded, and no longer. */
function loadAddon(name: string, module: LoadedPart): void {
  const folder = mkdtempSync(join(tmpdir(), "regclient-"));
  try {
    const path = join(folder, name);
    writeFileSync(path, Buffer.from(getRawAsset(name)), { mode: 0o700 });
    process.dlopen(module, path);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
