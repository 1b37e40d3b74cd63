import {
  applyEdits,
  createScanner,
  findNodeAtLocation,
  modify,
  parse,
  parseTree,
  visit,
  type Edit,
  type JSONPath,
  type JSONVisitor,
  type Node,
  type ParseError,
} from "jsonc-parser";
import { problem } from "../findings/problem.ts";
import { failure, success, type Result } from "../result.ts";
import { reveal, secret, type Secret } from "./secret.ts";

/** What regclient wants in a Docker config.json (docker/cli: cli/config/configfile). */
export interface HelperWant {
  /** Every spelling of the registry that Docker may look credentials up under. */
  readonly serverNames: readonly string[];
  /** Suffix of `docker-credential-…`. */
  readonly helper: string;
  /**
   * The default store to write down when the file had nothing to do with credentials before: one `credHelpers` entry
   * switches Docker's own detection off for all other registries.
   */
  readonly defaultStore: string | undefined;
}

/** The parts of a config.json that matter here. */
export interface DockerConfig {
  readonly auths: Readonly<Record<string, unknown>>;
  readonly credHelpers: Readonly<Record<string, string>>;
  readonly credsStore: string | undefined;
}

// docker stops at 10000 (Go's encoding/json); what parses here must not use up the stack
const MAX_DEPTH = 1000;
// it is a user's, and reading what is far larger takes longer than the watchdog of the daemon waits
const MAX_LENGTH = 1024 * 1024;
const NOT_SHOWN = "[not shown: it is not valid JSON]\n";
const STRICT = { disallowComments: true, allowTrailingComma: false };

/** Reads config.json. An empty file counts as `{}`, as Docker does; comments and trailing commas are refused, as Docker does. */
export function readDockerConfig(text: string, path: string): Result<DockerConfig> {
  if (text.length > MAX_LENGTH) return failure(problem("RC-CFG-003", { path, reason: "it is larger than 1 MiB" }));
  if (isTooDeep(text))
    return failure(problem("RC-CFG-003", { path, reason: `it is nested more than ${MAX_DEPTH} levels deep` }));
  const errors: ParseError[] = [];
  const value: unknown = text.trim() === "" ? {} : parse(text, errors, STRICT);
  const first = errors[0];
  if (first !== undefined)
    return failure(problem("RC-CFG-003", { path, reason: `line ${lineAt(text, first.offset)} is not valid JSON` }));
  if (!isRecord(value)) return failure(problem("RC-CFG-003", { path, reason: "it is not a JSON object" }));
  const helpers = isRecord(value["credHelpers"]) ? value["credHelpers"] : {};
  const store = value["credsStore"];
  return success({
    auths: isRecord(value["auths"]) ? value["auths"] : {},
    credHelpers: Object.fromEntries(Object.entries(helpers).filter(isTextEntry)),
    credsStore: typeof store === "string" && store !== "" ? store : undefined,
  });
}

/** The text with the helper for every name. Formatting, order and unknown keys stay. */
export function withHelper(text: string, want: HelperWant): string {
  const start = text.trim() === "" ? "{}\n" : text;
  const hadNothing = isUntouched(parse(start) as Record<string, unknown>);
  let result = start;
  for (const name of want.serverNames) result = setKey(result, ["credHelpers", name], want.helper);
  // side by side: the record of the edit is one region, and holds nothing of what else stands in the file
  return hadNothing && want.defaultStore !== undefined
    ? insertProperty(result, [], "credsStore", want.defaultStore, "credHelpers")
    : result;
}

/**
 * The text without regclient's helper for the names. `addedStore` is the default store written down by `withHelper`:
 * it goes with the last entry, if it still says the same.
 */
export function withoutHelper(text: string, names: readonly string[], helper: string, addedStore?: string): string {
  let result = text;
  for (const name of names) {
    if (valueAt(result, ["credHelpers", name]) === helper) result = removeKey(result, ["credHelpers", name]);
  }
  const rest = valueAt(result, ["credHelpers"]);
  if (result === text || !isRecord(rest) || Object.keys(rest).length > 0) return result;
  result = removeKey(result, ["credHelpers"]);
  return addedStore !== undefined && valueAt(result, ["credsStore"]) === addedStore
    ? removeKey(result, ["credsStore"])
    : result;
}

/** A login that `docker login` left in config.json, in base64 or in clear. */
export interface PlainLogin {
  readonly username: string;
  readonly password: Secret;
}

/** The first login that stands in the file for one of the names; undefined when there is none that can be read. */
export function findPlainLogin(config: DockerConfig, names: readonly string[]): PlainLogin | undefined {
  for (const [key, entry] of Object.entries(config.auths)) {
    const login = isNamed(key, names) && isRecord(entry) ? readPlainLogin(entry) : undefined;
    if (login !== undefined) return login;
  }
  return undefined;
}

/** The text without the login, wherever it stands for one of the names; everything else stays as it is. */
export function withoutPlainLogin(text: string, names: readonly string[], login: PlainLogin): string {
  const auths = valueAt(text, ["auths"]);
  return Object.keys(isRecord(auths) ? auths : {}).reduce((rest, key) => {
    const entry = isNamed(key, names) ? valueAt(rest, ["auths", key]) : undefined;
    const found = isRecord(entry) ? readPlainLogin(entry) : undefined;
    const isSame = found?.username === login.username && reveal(found.password) === reveal(login.password);
    return isSame ? removeKey(rest, ["auths", key]) : rest;
  }, text);
}

/**
 * The text with everything hidden that may be somebody's secret: every string value but the names of helpers. Nothing is
 * shown of a text that cannot be read.
 */
export function withoutValues(text: string): string {
  if (text.length > MAX_LENGTH || isTooDeep(text)) return NOT_SHOWN;
  const edits: Edit[] = [];
  let isBroken = false;
  const onLiteralValue: JSONVisitor["onLiteralValue"] = (value, offset, length, _line, _column, pathOf) => {
    const isHelper = pathOf()[0] === "credHelpers" || pathOf()[0] === "credsStore";
    if (typeof value === "string" && !isHelper) edits.push({ offset, length, content: '"[redacted]"' });
  };
  if (text.trim() !== "") visit(text, { onLiteralValue, onError: () => void (isBroken = true) }, STRICT);
  return isBroken ? NOT_SHOWN : applyEdits(text, edits);
}

/** Older clients write the server with a scheme and a path around it (docker/cli: credentials.ConvertToHostname). */
function isNamed(key: string, names: readonly string[]): boolean {
  return names.includes(key.replace(/^https?:\/\//i, "").replace(/\/.*$/, ""));
}

function readPlainLogin(entry: Record<string, unknown>): PlainLogin | undefined {
  const { auth, identitytoken, username, password } = entry;
  const decoded = typeof auth === "string" ? Buffer.from(auth, "base64").toString("utf8").replace(/\0+$/, "") : "";
  const colon = decoded.indexOf(":");
  if (typeof identitytoken === "string" && identitytoken !== "") {
    return { username: "<token>", password: secret(identitytoken) };
  }
  if (colon > 0) return { username: decoded.slice(0, colon), password: secret(decoded.slice(colon + 1)) };
  if (typeof username !== "string" || typeof password !== "string" || username === "") return undefined;
  return { username, password: secret(password) };
}

/** Looks only at brackets, one token at a time: no depth can use up the stack. */
function isTooDeep(text: string): boolean {
  const scanner = createScanner(text, true);
  let depth = 0;
  while (scanner.getPosition() < text.length && depth <= MAX_DEPTH) {
    scanner.scan();
    const token = text.slice(scanner.getTokenOffset(), scanner.getPosition());
    if (token === "{" || token === "[") depth++;
    else if (token === "}" || token === "]") depth--;
  }
  return depth > MAX_DEPTH;
}

function lineAt(text: string, offset: number): string {
  return String(text.slice(0, offset).split("\n").length);
}

/** Docker detects a default store only when all three are empty (cli/config/config.go). A written "" is somebody's choice. */
function isUntouched(config: Record<string, unknown>): boolean {
  return ["auths", "credHelpers"].every((key) => isEmptyRecord(config[key])) && !("credsStore" in config);
}

function isEmptyRecord(value: unknown): boolean {
  return !isRecord(value) || Object.keys(value).length === 0;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isTextEntry(entry: [string, unknown]): entry is [string, string] {
  return typeof entry[1] === "string";
}

function valueAt(text: string, path: JSONPath): unknown {
  let value: unknown = parse(text);
  for (const key of path) value = isRecord(value) ? value[String(key)] : undefined;
  return value;
}

function setKey(text: string, path: JSONPath, value: string): string {
  const present = valueAt(text, path);
  if (present === value) return text;
  if (present !== undefined) return applyEdits(text, modify(text, path, value, {}));
  const [head, ...rest] = path;
  const parent = rest.length > 0 && isRecord(valueAt(text, [String(head)])) ? [String(head)] : [];
  const nested = rest.length > 0 && parent.length === 0;
  const added = nested ? { [String(rest[0])]: value } : value;
  return insertProperty(text, parent, String(parent.length > 0 ? rest[0] : head), added);
}

/** Adds a property at the end of an object, or behind `after`, and touches nothing else. */
function insertProperty(text: string, path: JSONPath, key: string, value: unknown, after?: string): string {
  const tree = parseTree(text);
  const object = tree === undefined ? undefined : findNodeAtLocation(tree, path);
  if (object === undefined) throw new Error(`no object at ${path.join(".")}`);
  const last = object.children?.findLast((each) => after === undefined || each.children?.[0]?.value === after);
  const { indent, eol } = layoutOf(text, object);
  const margin = eol + indent.repeat(path.length + 1);
  const shown = JSON.stringify(value, undefined, eol === "" ? "" : indent).replaceAll("\n", margin);
  const property = `${margin}${JSON.stringify(key)}: ${shown}`;
  if (last !== undefined) return splice(text, last.offset + last.length, last.offset + last.length, `,${property}`);
  return splice(
    text,
    object.offset + 1,
    object.offset + object.length - 1,
    property + eol + indent.repeat(path.length),
  );
}

function splice(text: string, from: number, to: number, content: string): string {
  return text.slice(0, from) + content + text.slice(to);
}

function removeKey(text: string, path: JSONPath): string {
  return applyEdits(text, modify(text, path, undefined, {}));
}

/** Docker writes tabs; people write what they like, also all on one line. */
function layoutOf(text: string, object: Node): { indent: string; eol: string } {
  const isEmptyFile = (object.children?.length ?? 0) === 0 && object.offset === 0;
  if (!text.trim().includes("\n") && !isEmptyFile) return { indent: "", eol: "" };
  const indent = /\n([\t ]+)"/.exec(text)?.[1] ?? "\t";
  return { indent, eol: text.includes("\r\n") ? "\r\n" : "\n" };
}
