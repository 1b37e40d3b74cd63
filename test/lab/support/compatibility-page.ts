import { catalogue, type FindingCode } from "../../../src/findings/catalogue.ts";
import { PLACES, TRUSTS, type Front } from "./fronts.ts";

/** What came of one runtime at one front. */
export interface Cell extends Pick<Front, "trust" | "place"> {
  readonly runtime: string;
  /** Why it does not work; undefined: it does. */
  readonly code: FindingCode | undefined;
}

/** docs/compatibility.md, of what was measured. */
export function renderPage(versions: ReadonlyMap<string, string>, cells: readonly Cell[], dayIso: string): string {
  const codes = [...new Set(cells.flatMap(({ code }) => (code === undefined ? [] : [code])))].sort();
  return [
    "# Compatibility",
    "",
    "Written by `test/lab/compatibility.test.ts`, which measures it with the real programs: sixteen registries are enrolled,",
    "an image is pushed and pulled by digest through each runtime (`regclient verify --via NAME`), and everything is taken back.",
    `Last on ${dayIso}, with:`,
    "",
    ...tableOf(
      ["runtime", "version"],
      [...versions].map(([runtime, version]) => [runtime, version]),
    ),
    "",
    "## What works",
    "",
    "The address is that of the registry as an image names it: `NAME:443/IMAGE`, `NAME:5000/IMAGE`, `10.10.62.103:PORT/IMAGE`,",
    "`[fd00:62::103]:PORT/IMAGE`.",
    "",
    ...tableOf(
      ["runtime", "address", ...TRUSTS],
      [...versions.keys()].flatMap((runtime) => rowsOf(runtime, cells)),
    ),
    ...(codes.length === 0 ? [] : ["", "## What does not, and why", ""]),
    ...codes.map((code) => `- ${linkTo(code)}: ${catalogue[code].cause}.`),
    "",
  ].join("\n");
}

/** The page without what changes from one machine and one day to the next. */
export function withoutVersions(page: string): string {
  return page.replace(/^Last on [\d-]+/m, "Last on DAY").replaceAll(/^(\| [\w ()]+ \| )\d[^|]*\|$/gm, "$1VERSION |");
}

function rowsOf(runtime: string, cells: readonly Cell[]): readonly (readonly string[])[] {
  return PLACES.map((place) => [
    runtime,
    place,
    ...TRUSTS.map((trust) => {
      const cell = cells.find((each) => each.runtime === runtime && each.place === place && each.trust === trust);
      if (cell === undefined) throw new Error(`not measured: ${runtime}, ${place}, ${trust}`);
      return cell.code === undefined ? "works" : linkTo(cell.code);
    }),
  ]);
}

function linkTo(code: FindingCode): string {
  return `[${code}](findings/${code}.md)`;
}

function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`);
}
