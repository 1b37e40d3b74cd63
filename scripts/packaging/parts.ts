import { basename, dirname } from "node:path";
import { Script } from "node:vm";

/** Where the files of the bundle come from. */
export interface PartSource {
  readonly text: (name: string) => string;
  /** What V8 made of the file when it was packaged; undefined where there is none. */
  readonly cache: (name: string) => Buffer | undefined;
  /** Loads a native part into `module`. */
  readonly addon: (name: string, module: LoadedPart) => void;
  readonly compiled?: (name: string, script: Script) => void;
}

/** A file of the bundle, as CommonJS has it. */
export interface LoadedPart {
  readonly exports: unknown;
}

type Require = (id: string) => unknown;
type Body = (exports: unknown, require: Require, module: LoadedPart, path: string, folder: string) => void;

/** A `require` for the files of the bundle, each once, and for the parts of Node; nothing comes from the file system. */
export function createPartLoader(source: PartSource): Require {
  const loaded = new Map<string, LoadedPart>();
  const load = (name: string): unknown => {
    const known = loaded.get(name);
    if (known !== undefined) return known.exports;
    const module: LoadedPart = { exports: {} };
    loaded.set(name, module);
    if (name.endsWith(".node")) source.addon(name, module);
    else compile(name, source)(module.exports, requirePart, module, process.execPath, dirname(process.execPath));
    return module.exports;
  };
  const requirePart: Require = (id) => (id.startsWith("./") ? load(basename(id)) : requireBuiltin(id));
  return requirePart;
}

/** The file as a function. */
export function compilePart(name: string, text: string, cachedData?: Buffer): Script {
  const wrapped = `(function (exports, require, module, __filename, __dirname) {${text}\n})`;
  return new Script(wrapped, { filename: name, ...(cachedData && { cachedData }) });
}

function compile(name: string, { text, cache, compiled }: PartSource): Body {
  const script = compilePart(name, text(name), cache(name));
  compiled?.(name, script);
  return script.runInThisContext() as Body;
}

function requireBuiltin(id: string): unknown {
  const builtin: unknown = process.getBuiltinModule(id);
  if (builtin === undefined) throw Object.assign(new Error(`there is no module ${id}`), { code: "MODULE_NOT_FOUND" });
  return builtin;
}
