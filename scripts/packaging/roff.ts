/** A manual page: its name, the section it belongs to, and its text for man(1). */
export interface ManualPage {
  readonly name: string;
  readonly section: 1 | 5;
  readonly text: string;
}

/** What stands below a heading. */
export interface PageSection {
  readonly heading: string;
  readonly body: string;
}

/** A page in man(7). `day` is what its foot says, `what` the one line that apropos(1) shows. */
export function renderPage(
  name: string,
  section: ManualPage["section"],
  { what, day, sections }: { readonly what: string; readonly day: string; readonly sections: readonly PageSection[] },
): ManualPage {
  const head = `.TH ${name.toUpperCase()} ${section} "${day}" regclient "regclient"`;
  const named = { heading: "NAME", body: `${escapeText(name)} \\- ${escapeText(what)}` };
  const rest = [named, ...sections].map(({ heading, body }) => `.SH ${heading}\n${body.trimEnd()}`);
  return { name, section, text: `${[head, ...rest].join("\n")}\n` };
}

/** Text as it is, hyphens included: commands are copied from manual pages. */
export function escapeText(text: string): string {
  const escaped = text.replaceAll("\\", "\\e").replaceAll("-", "\\-").replaceAll("…", "...").replaceAll("`", "");
  return escaped.replaceAll(/^([.'])/gm, "\\&$1");
}

/** Text in bold, for what is typed as it stands. */
export function bold(text: string): string {
  return `\\fB${escapeText(text)}\\fR`;
}

/** Text in italics, for what stands for something else. */
export function italic(text: string): string {
  return `\\fI${escapeText(text)}\\fR`;
}

/** A list of terms, each with what it means; `term` is in roff already. */
export function termList(items: readonly { readonly term: string; readonly text: string }[]): string {
  return items.map(({ term, text }) => `.TP\n${term}\n${escapeText(text)}`).join("\n");
}

/** Paragraphs, of plain text. */
export function paragraphs(...texts: readonly string[]): string {
  return texts.map((text) => `.PP\n${escapeText(text)}`).join("\n");
}

/** Lines that stay lines, indented. */
export function verbatim(lines: readonly string[]): string {
  return [".PP", ".RS 4", ".nf", ...lines.map(escapeText), ".fi", ".RE"].join("\n");
}
