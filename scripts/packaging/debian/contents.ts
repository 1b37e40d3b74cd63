import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { gzipSync } from "node:zlib";
import { completionScript } from "../../../src/cli/completion/scripts.ts";
import { writeManualPages } from "../man-pages.ts";
import { writeDebianChangelog } from "./changelog.ts";
import type { DebianParts } from "./package.ts";

/** A file of a package, below its root; root's, and of mode 0644 where none is said. */
export type PackageFile =
  | { readonly kind: "file"; readonly path: string; readonly content: string | Uint8Array; readonly mode?: number }
  | { readonly kind: "link"; readonly path: string; readonly target: string }
  | { readonly kind: "directory"; readonly path: string };

const TOP = join(import.meta.dirname, "../../..");
const DOC = "usr/share/doc/regclient";

/** Everything that is installed. */
export async function listContents(
  parts: DebianParts & { readonly maintainer: string },
): Promise<readonly PackageFile[]> {
  const { executable, copyright, sourceDate, maintainer } = parts;
  return [
    { kind: "file", path: "usr/bin/regclient", content: readFileSync(executable), mode: 0o755 },
    { kind: "link", path: "usr/bin/docker-credential-regclient", target: "regclient" },
    { kind: "directory", path: "etc/regclient/registries.d" },
    ...copyFolder("systemd", "usr/lib/systemd/system"),
    ...copyFolder("packaging/sysusers.d", "usr/lib/sysusers.d"),
    ...copyFolder("packaging/tmpfiles.d", "usr/lib/tmpfiles.d"),
    ...copyFolder("packaging/lintian", "usr/share/lintian/overrides"),
    ...completions(),
    ...(await manualPages(sourceDate)),
    ...copyFolder("monitoring", `${DOC}/monitoring`),
    ...copyFolder("docs", `${DOC}/docs`),
    textFile(`${DOC}/README.md`, readFileSync(join(TOP, "README.md"), "utf8")),
    textFile(`${DOC}/copyright`, copyright),
    packedFile(
      `${DOC}/changelog`,
      writeDebianChangelog(readFileSync(join(TOP, "CHANGELOG.md"), "utf8"), maintainer, sourceDate),
    ),
  ];
}

function completions(): readonly PackageFile[] {
  return [
    textFile("usr/share/bash-completion/completions/regclient", completionScript("bash")),
    textFile("usr/share/zsh/vendor-completions/_regclient", completionScript("zsh")),
    textFile("usr/share/fish/vendor_completions.d/regclient.fish", completionScript("fish")),
  ];
}

async function manualPages(sourceDate: number): Promise<readonly PackageFile[]> {
  const pages = await writeManualPages(sourceDate);
  return pages.map(({ name, section, text }) => packedFile(`usr/share/man/man${section}/${name}.${section}`, text));
}

/** The files of a folder of the checkout. */
function copyFolder(from: string, to: string): readonly PackageFile[] {
  const folder = join(TOP, from);
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((path) => ({ kind: "file", path: join(to, relative(folder, path)), content: readFileSync(path) }));
}

function textFile(path: string, content: string): PackageFile {
  return { kind: "file", path, content };
}

/** As `gzip -9n`: with no time in it. */
function packedFile(path: string, text: string): PackageFile {
  return { kind: "file", path: `${path}.gz`, content: gzipSync(text, { level: 9 }) };
}
