/** Who the package is from, as Debian writes it; DEBFULLNAME and DEBEMAIL, as for Debian's own tools. */
export function readMaintainer(environment: NodeJS.ProcessEnv): string {
  const name = environment["DEBFULLNAME"] ?? "The regclient authors";
  return `${name} <${environment["DEBEMAIL"] ?? "maintainers@regclient.invalid"}>`;
}

/** CHANGELOG.md in Debian's form. `sourceDate` (seconds) is the date of what is not released yet. */
export function writeDebianChangelog(markdown: string, maintainer: string, sourceDate: number): string {
  const releases = markdown.split(/^## /m).slice(1);
  return releases.map((release) => writeRelease(release, maintainer, sourceDate)).join("\n");
}

function writeRelease(release: string, maintainer: string, sourceDate: number): string {
  const [head = "", ...lines] = release.trim().split("\n");
  const [, version, date] = /^(\S+) \((.*)\)$/.exec(head) ?? [];
  if (version === undefined) throw new Error(`CHANGELOG.md: "${head}" is not "VERSION (DATE)"`);
  const released = date === "unreleased" ? sourceDate * 1000 : Date.parse(`${date}T12:00:00Z`);
  if (Number.isNaN(released)) throw new Error(`CHANGELOG.md: "${date}" is not a date`);
  const items = lines.join("\n").split(/^- /m).slice(1);
  const body = items.flatMap((item) => wrap(item.split(/\s+/).filter((word) => word !== "")));
  const day = new Date(released).toUTCString().replace("GMT", "+0000");
  return [`regclient (${version}) unstable; urgency=medium`, "", ...body, "", ` -- ${maintainer}  ${day}`, ""].join(
    "\n",
  );
}

const WIDTH = 76;

/** One item of the list, in lines that fit. */
function wrap(words: readonly string[]): readonly string[] {
  const lines: string[] = [];
  for (const word of words) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < WIDTH) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines.map((line, index) => (index === 0 ? `  * ${line}` : `    ${line}`));
}
