import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import manifest from "../../package.json" with { type: "json" };
import { listBundled } from "./bundled.ts";
import { writeChecksums } from "./checksums.ts";
import { buildDebianPackage, DEBIAN_ARCHITECTURES } from "./debian/package.ts";
import { writeCopyright } from "./debian/copyright.ts";
import { buildExecutable, type Architecture } from "./executable.ts";
import { provideNode } from "./node-binary.ts";
import { writeBillOfMaterials } from "./sbom.ts";
import { readSourceDate } from "./source-date.ts";

const { values } = parseArgs({
  options: {
    arch: { type: "string", default: process.arch },
    out: { type: "string", default: join(import.meta.dirname, "../../build") },
    // for those who try it out: packing well takes a minute
    fast: { type: "boolean", default: false },
  },
});
const architecture = (["x64", "arm64"] as const).find((each) => each === values.arch);
if (architecture === undefined) {
  process.stderr.write("package: --arch is x64 or arm64\n");
  process.exit(2);
}
await buildAll(architecture, resolve(values.out), values.fast);

/** Everything that a release of this architecture has; the same bytes each time, from the same sources and tools. */
async function buildAll(arch: Architecture, out: string, fast: boolean): Promise<void> {
  const sourceDate = readSourceDate();
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "regclient-package-")));
  try {
    mkdirSync(out, { recursive: true });
    const stem = `regclient-${manifest.version}-linux-${arch}`;
    const executable = join(out, stem);
    for (const name of ["parts", "node"]) mkdirSync(join(folder, name));
    const node = provideNode(arch, join(folder, "node"));
    const sources = await buildExecutable(join(folder, "parts"), executable, {
      node: node.binary,
      architecture: arch,
    });
    const bundled = listBundled(sources, node.licence);
    const copyright = writeCopyright(bundled);
    writeFileSync(join(out, `regclient-${manifest.version}-copyright`), copyright);
    writeFileSync(join(out, `${stem}.cdx.json`), writeBillOfMaterials(bundled, { arch, sourceDate }));
    const deb = join(out, `regclient_${manifest.version}_${DEBIAN_ARCHITECTURES[arch]}.deb`);
    await buildDebianPackage(join(folder, "tree"), deb, { arch, executable, copyright, sourceDate, fast });
    for (const name of writeChecksums(out)) process.stdout.write(`${join(out, name)}\n`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
