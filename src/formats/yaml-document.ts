import { Document, isMap, isSeq, LineCounter, parseDocument, visit } from "yaml";

/** Keys from the top of a document down. */
export type YamlPath = readonly string[];

/** A YAML document as it was read. */
export interface ReadYaml {
  /** What it says, as plain data; null for an empty document. */
  readonly data: unknown;
  /** The line, from 1, where the key stands, or that of the nearest key above it. */
  lineOf(path: YamlPath): number;
  /** Offset where the key begins, undefined where there is no such key. */
  offsetOf(path: YamlPath): number | undefined;
}

/**
 * Reads one YAML 1.2 document. Aliases are refused: spreading them out is where small files become enormous. What is
 * wrong is told in one line, with its place.
 */
export function readYaml(text: string): ReadYaml | { readonly wrong: string; readonly line: number } {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, logLevel: "error" });
  const [broken] = document.errors;
  if (broken !== undefined)
    return { wrong: broken.message.split("\n")[0] ?? "it is not YAML", line: lines.linePos(broken.pos[0]).line };
  const alias = findAlias(document);
  if (alias !== undefined) return { wrong: "a YAML alias (*) cannot be used here", line: lines.linePos(alias).line };
  const nearest = (path: YamlPath): number =>
    offsetOf(document, path) ?? (path.length > 1 ? nearest(path.slice(0, -1)) : 0);
  return {
    data: document.toJS() as unknown,
    lineOf: (path) => lines.linePos(nearest(path)).line,
    offsetOf: (path) => offsetOf(document, path),
  };
}

/** A YAML document that keys are changed in: comments and order stay. */
export interface EditableYaml {
  has(path: YamlPath): boolean;
  /** The plain value at the path. */
  get(path: YamlPath): unknown;
  set(path: YamlPath, value: unknown): void;
  remove(path: YamlPath): void;
  /** All of it, plain. */
  plain(): unknown;
  /** The text, in the style of the text that it was made from, as far as the package lets a person's own style stay. */
  render(): string;
}

/** Opens a document that was read without an error before. */
export function editYaml(text: string): EditableYaml {
  return editable(parseDocument(text), text);
}

/** Begins a document with a comment above it. */
export function newYaml(data: Readonly<Record<string, unknown>>, comment: string): EditableYaml {
  const document = new Document(data);
  document.commentBefore = comment;
  return editable(document, "");
}

function editable(document: Document, text: string): EditableYaml {
  return {
    has: (path) => document.hasIn(path),
    get: (path) => toPlain(document.getIn(path)),
    set: (path, value) => document.setIn(path, value),
    remove: (path) => void document.deleteIn(path),
    plain: () => document.toJS() as unknown,
    render: () => document.toString(styleOf(text)),
  };
}

function styleOf(text: string): { lineWidth: 0; flowCollectionPadding: boolean; indentSeq: boolean } {
  return {
    lineWidth: 0,
    flowCollectionPadding: !/[[{][^\s\]}]/.test(text),
    indentSeq: !/^(\s*)[\w]+:\s*\n\1- /m.test(text),
  };
}

function toPlain(node: unknown): unknown {
  const isNode = typeof node === "object" && node !== null && "toJSON" in node;
  return isNode ? (node as { toJSON(): unknown }).toJSON() : node;
}

function findAlias(document: Document.Parsed): number | undefined {
  let found: number | undefined;
  visit(document, {
    Alias: (_, node) => {
      found = node.range?.[0] ?? 0;
      return visit.BREAK;
    },
  });
  return found;
}

function offsetOf(document: Document.Parsed, path: YamlPath): number | undefined {
  const parent: unknown = path.length <= 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  const pair = isMap(parent) ? parent.items.find((item) => String(item.key) === path.at(-1))?.key : undefined;
  const node = isSeq(parent) ? parent.items[Number(path.at(-1))] : pair;
  return (node as { range?: readonly number[] } | undefined)?.range?.[0];
}
