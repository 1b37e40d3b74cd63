const MAX_LENGTH = 1024 * 1024;

/** Why a text must not be edited, whatever is wanted. */
export function whyUnfit(text: string): string | undefined {
  if (text.startsWith("\uFEFF")) return "it begins with a byte order mark";
  if (text.includes("\uFFFD")) return "it is not UTF-8";
  return text.length > MAX_LENGTH ? "it is larger than 1 MiB" : undefined;
}

/** How a text ends its lines, and what is missing at its end for another line to follow. */
export function endOf(text: string): { readonly eol: string; readonly joint: string } {
  const first = text.indexOf("\n");
  const eol = first > 0 && text[first - 1] === "\r" ? "\r\n" : "\n";
  return { eol, joint: text === "" || text.endsWith("\n") ? "" : eol };
}

/** Puts a text into another. */
export function insertAt(text: string, offset: number, added: string): string {
  return text.slice(0, offset) + added + text.slice(offset);
}

/** A line of a text, without its line end. */
export interface TextLine {
  readonly start: number;
  readonly content: string;
  /** Where the next line begins. */
  readonly end: number;
}

/** The lines of a text, in order. */
export function linesOf(text: string): readonly TextLine[] {
  let start = 0;
  return (text.match(/[^\n]*\n|[^\n]+$/g) ?? []).map((whole) => {
    const line = { start, content: whole.replace(/\r?\n$/, ""), end: start + whole.length };
    start = line.end;
    return line;
  });
}
