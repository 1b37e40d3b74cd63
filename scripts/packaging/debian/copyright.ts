import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { BundledPackage } from "../bundled.ts";

const LICENCE = join(import.meta.dirname, "../../../LICENSE");
const HEAD = `Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: regclient
Source: The program is one file, in which Node.js and the npm packages below lie, each as it is published.
`;

/** Debian's copyright file: regclient's licence, and those of all that is in its executable. */
export function writeCopyright(bundled: readonly BundledPackage[]): string {
  const own = readFileSync(LICENCE, "utf8");
  const holders = [/^Copyright \(c\) (.*)$/m.exec(own)?.[1] ?? "The regclient authors"];
  const stanzas = [
    stanza("*", { licence: "MIT", text: own, holders }),
    ...bundled.map((each) => stanza(each.name === "node" ? "node/*" : `node_modules/${each.name}/*`, each)),
  ];
  return [HEAD, ...stanzas].join("\n");
}

function stanza(
  files: string,
  { licence, text, holders }: Pick<BundledPackage, "licence" | "text" | "holders">,
): string {
  // Debian has this text once for all
  const isApache = licence === "Apache-2.0";
  const body = isApache ? "On Debian systems the text is in /usr/share/common-licenses/Apache-2.0." : text.trim();
  return `Files: ${files}
Copyright: ${holders.join("\n ")}
License: ${licence.replaceAll(/[()]/g, "").replaceAll(" OR ", " or ").replaceAll(" AND ", " and ")}
${body.split("\n").map(indentLine).join("\n")}
`;
}

function indentLine(line: string): string {
  return line.trim() === "" ? " ." : ` ${line.trimEnd()}`;
}
