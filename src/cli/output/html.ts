/** Text that is HTML already; everything else is escaped on its way into a page. */
export interface Markup {
  readonly text: string;
}

/** What may stand in a template. */
type Part = string | number | Markup | readonly Markup[];

/** A template whose every value is escaped, for text and for quoted attributes, unless it is Markup. */
export function html(literals: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  const text = literals.reduce((made, literal, index) => {
    const part = parts[index - 1];
    return made + (part === undefined ? "" : render(part)) + literal;
  });
  return { text };
}

/** Trusts a text to be HTML: for what regclient itself wrote. */
export function raw(text: string): Markup {
  return { text };
}

function render(part: Part): string {
  if (typeof part === "string" || typeof part === "number") return escape(String(part));
  return "text" in part ? part.text : part.map(({ text }) => text).join("");
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escape(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? "");
}
