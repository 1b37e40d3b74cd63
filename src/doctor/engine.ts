import { problem, type Problem } from "../findings/problem.ts";
import { whyNoFile, type Host, type ReadFiles } from "../host/ports.ts";
import { imageReference, looksLikeHubNamespace } from "../registry/name.ts";
import type { Engine, EngineDescription } from "../smoke/docker-engine.ts";
import { findInsecure } from "../smoke/docker-insecure.ts";
import { findEngine } from "../smoke/docker.ts";
import { bypassesProxy } from "./no-proxy.ts";
import { failed, ok, skipped, warning, type Verdict } from "./report.ts";
import type { Subject } from "./subject.ts";

/** The engine, as far as it is asked. */
export type AskedEngine = Pick<Engine, "describe" | "imagesNamed" | "insecureRegistries">;

/** The engine of this host, why there is none, or what it says when it is asked. */
export type EngineState =
  | { readonly engine: AskedEngine; readonly description: EngineDescription }
  | { readonly absent: string }
  | { readonly problem: Problem };

const DAEMON_FILE = "/etc/docker/daemon.json";

/** Connects to the engine that runs on this host and asks for its settings. */
export async function findEngineState(host: Host): Promise<EngineState> {
  const place = await findEngine(host);
  if ("absent" in place) return place;
  const { connectEngine } = await import("../smoke/docker-engine.ts");
  const engine = connectEngine(place.socket, "");
  try {
    return { engine, description: await engine.describe() };
  } catch (error) {
    const reason = (error as Error).message;
    const isDenied = (error as NodeJS.ErrnoException).code === "EACCES";
    const facts = { reason, path: place.socket, user: host.caller.login };
    return { problem: problem(isDenied ? "RC-ENG-027" : "RC-ENG-001", facts, [reason]) };
  }
}

/** The engine itself: does it answer, can it read its file, and has it read it as it stands now? */
export async function examineEngine(files: ReadFiles, state: EngineState): Promise<readonly Verdict[]> {
  const settings = await readDaemonFile(files);
  if ("problem" in settings) return failed(settings.problem);
  if ("problem" in state) return failed(state.problem);
  if ("absent" in state) return skipped(state.absent);
  const { description } = state;
  const { ignored } = settings;
  if (ignored !== undefined) {
    const facts = { path: DAEMON_FILE, key: ignored, meant: whatIsMeant(ignored) ?? "" };
    return warning(problem("RC-CFG-035", facts, [`${DAEMON_FILE}: ${ignored}`]));
  }
  const { names, networks } = description.insecure;
  const unknown = settings.insecure.find((each) => !names.includes(each) && !networks.includes(each));
  if (unknown !== undefined) {
    const setting = `insecure-registries: ${unknown}`;
    return warning(problem("RC-ENG-026", { path: DAEMON_FILE, setting }, [`${DAEMON_FILE}: ${setting}`]));
  }
  const mirrors = description.mirrors.length === 0 ? "" : `, mirrors of Docker Hub: ${description.mirrors.join(" ")}`;
  return ok(`Docker Engine ${description.version}, images in ${description.imageStore}${mirrors}`);
}

/** The engine's way to a registry: does it verify, does a proxy stand in between, what bears a misleading name? */
export async function examineEngineWay(
  subject: Subject,
  state: EngineState,
  isNameKnown: boolean,
): Promise<readonly Verdict[]> {
  if (!("engine" in state)) return skipped("absent" in state ? state.absent : "the engine does not answer");
  const { pass, name, route } = subject;
  const { engine, description } = state;
  const notes: string[] = [];
  const note = (text: string): void => void notes.push(text);
  const insecure = isNameKnown ? await findInsecure({ host: pass.host, route, note }, engine) : undefined;
  if (insecure !== undefined) return failed(insecure);
  const found = [...judgeProxy(subject, description), ...(await findHubImages(subject, engine))];
  return found.length > 0 ? found : ok(notes[0] ?? `verifies ${name.authority}, and goes there without a proxy`);
}

function judgeProxy({ name }: Subject, { httpsProxy, noProxy }: EngineDescription): readonly Verdict[] {
  if (httpsProxy === "" || bypassesProxy(noProxy, name)) return [];
  const proxy = httpsProxy.replace(/\/\/[^/]*@/, "//");
  const facts = { authority: name.authority, host: name.host, proxy, noProxy: noProxy === "" ? "not set" : noProxy };
  return warning(
    problem("RC-ENG-020", facts, [`docker info: HTTPS Proxy: ${proxy}`, `docker info: No Proxy: ${noProxy}`]),
  );
}

async function findHubImages({ name }: Subject, engine: AskedEngine): Promise<readonly Verdict[]> {
  if (!looksLikeHubNamespace(name)) return [];
  const images = await engine.imagesNamed(`${name.host}/*`);
  const image = images[0];
  if (image === undefined) return [];
  const reference = imageReference(name, image.slice(name.host.length + 1));
  return warning(problem("RC-NAM-020", { image, host: name.host, reference }, images.slice(0, 5)));
}

interface DaemonFile {
  readonly insecure: readonly string[];
  /** A setting that dockerd takes and does not heed. */
  readonly ignored?: string | undefined;
}

async function readDaemonFile(files: ReadFiles): Promise<DaemonFile | { readonly problem: Problem }> {
  const entry = await files.readEntry(await files.resolveLinks(DAEMON_FILE));
  if (entry.kind === "absent") return { insecure: [] };
  const refuse = (reason: string) => ({
    problem: problem("RC-CFG-034", { path: DAEMON_FILE, reason }, [`${DAEMON_FILE}: ${reason}`]),
  });
  if (entry.kind !== "file") return entry.kind === "unreadable" ? { insecure: [] } : refuse(whyNoFile(entry));
  try {
    const text = Buffer.from(entry.bytes).toString("utf8");
    const value: unknown = text.trim() === "" ? {} : JSON.parse(text);
    if (typeof value !== "object" || value === null || Array.isArray(value)) return refuse("it is not a JSON object");
    const unfit = Object.entries(value).flatMap(([key, setting]) => whyUnfit(key, setting) ?? [])[0];
    if (unfit !== undefined) return refuse(unfit);
    const list: unknown = "insecure-registries" in value ? value["insecure-registries"] : [];
    const insecure = Array.isArray(list) ? list.filter((each) => typeof each === "string") : [];
    return { insecure, ignored: Object.keys(value).find((key) => ignoredKeys.has(key)) };
  } catch (error) {
    return refuse((error as Error).message);
  }
}

/** Why dockerd would not start with one of the two settings that registries are about. */
function whyUnfit(key: string, setting: unknown): string | undefined {
  const meant = whatIsMeant(key);
  if (meant === undefined || ignoredKeys.has(key)) return undefined;
  if (key !== meant) return `dockerd knows no setting called ${key}: it is ${meant}, a list`;
  const isList = Array.isArray(setting) && setting.every((each) => typeof each === "string");
  return isList ? undefined : `${key} must be a list of texts`;
}

// the names of the command line's options: dockerd takes them in its file too, and does not heed them
const ignoredKeys = new Set(["insecure-registry", "registry-mirror"]);

function whatIsMeant(key: string): "insecure-registries" | "registry-mirrors" | undefined {
  const bare = key.toLowerCase().replaceAll(/[-_ ]/g, "");
  if (/^insecureregistr(?:y|ies)$/.test(bare)) return "insecure-registries";
  return /^registrymirrors?$/.test(bare) ? "registry-mirrors" : undefined;
}
