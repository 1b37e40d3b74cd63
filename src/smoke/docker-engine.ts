import { Readable } from "node:stream";
import Docker from "dockerode";
import { isIdentityToken } from "../registry/token.ts";
import { reveal } from "../credentials/secret.ts";
import type { Credential } from "../credentials/vault.ts";
import type { Content } from "./artifact.ts";
import { packFiles } from "./tar.ts";

/** A running Docker Engine, by its HTTP API; every call throws what the engine says. */
export interface Engine {
  version(): Promise<string>;
  /** What it would talk to without verifying certificates. */
  insecureRegistries(): Promise<InsecureRegistries>;
  /** Lets the engine log in, over its own connection to the registry; nothing is kept. */
  logIn(credential: Credential, signal: AbortSignal): Promise<void>;
  /** Makes an image of one small file that is like no other. */
  importImage(repository: string, tag: string, content: Content, signal: AbortSignal): Promise<void>;
  /** Pushes and gives back the manifest's digest. */
  push(image: string, credential: Credential | undefined, signal: AbortSignal): Promise<string>;
  pull(image: string, credential: Credential | undefined, signal: AbortSignal): Promise<void>;
  /** What of its settings decides how it reaches a registry. */
  describe(): Promise<EngineDescription>;
  /** Names of its images that match a pattern of `docker image ls`. */
  imagesNamed(reference: string): Promise<readonly string[]>;
  /** Gone afterwards, also when it was not there. */
  removeImage(image: string): Promise<void>;
}

/** As dockerd's `--insecure-registry` sorts them: `host[:port]`, and networks in CIDR notation. */
export interface InsecureRegistries {
  readonly names: readonly string[];
  /** Names that are verified, whatever network they are in. */
  readonly verified: readonly string[];
  readonly networks: readonly string[];
}

/** The engine's own settings: those of the daemon, whatever the shell has. Empty where there is none. */
export interface EngineDescription {
  readonly version: string;
  readonly httpsProxy: string;
  readonly noProxy: string;
  readonly mirrors: readonly string[];
  readonly insecure: InsecureRegistries;
  /** As `overlay2`, or the snapshotter of the containerd image store. */
  readonly imageStore: string;
}

/** The engine behind a Unix socket. */
export function connectEngine(socketPath: string, serverAddress: string): Engine {
  const docker = new Docker({ socketPath, timeout: 5 * 60_000 });
  const authOf = (credential: Credential | undefined) =>
    credential === undefined ? {} : { authconfig: authConfig(credential, serverAddress) };
  return {
    version: async () => (await docker.version()).Version,
    insecureRegistries: async () => insecureIn(((await docker.info()) as EngineInfo).RegistryConfig ?? {}),
    describe: async () => describeEngine((await docker.info()) as EngineInfo),
    imagesNamed: async (reference) => {
      const images = await docker.listImages({ filters: { reference: [reference] } });
      return images.flatMap((image) => (image.RepoTags as readonly string[] | null) ?? []);
    },
    logIn: async (credential, abortSignal) => {
      await docker.checkAuth({ ...authConfig(credential, serverAddress), abortSignal });
    },
    importImage: async (repo, tag, content, abortSignal) => {
      const archive = Readable.from(packFiles([{ name: "regclient-verification", ...content }]));
      await follow(docker, await docker.importImage(archive, { repo, tag, abortSignal }));
    },
    push: async (image, credential, abortSignal) => {
      const stream = await docker.getImage(image).push({ ...authOf(credential), abortSignal });
      return digestIn(await follow(docker, stream));
    },
    pull: async (image, credential, abortSignal) => {
      await follow(docker, await docker.pull(image, { ...authOf(credential), abortSignal }));
    },
    removeImage: async (image) => {
      await docker.getImage(image).remove({ force: true }).catch(ignoreAbsent);
    },
  };
}

/** The same engine, asked at once what it is and whom it would not verify; both answers are kept. */
export function askAhead(engine: Engine): Engine {
  const answers = [engine.version(), engine.insecureRegistries()] as const;
  // a failure is told where the answer is needed
  void Promise.allSettled(answers);
  return { ...engine, version: async () => answers[0], insecureRegistries: async () => answers[1] };
}

interface EngineMessage {
  readonly error?: string;
  readonly errorDetail?: { readonly message?: string };
  readonly aux?: { readonly Digest?: string };
  readonly status?: string;
}

interface EngineInfo {
  readonly RegistryConfig?: RegistryConfig | null;
  readonly ServerVersion?: string;
  readonly Driver?: string;
  readonly HttpsProxy?: string;
  readonly NoProxy?: string;
}

interface RegistryConfig {
  readonly IndexConfigs?: Readonly<Record<string, { readonly Secure?: boolean }>> | null;
  readonly InsecureRegistryCIDRs?: readonly string[] | null;
  readonly Mirrors?: readonly string[] | null;
}

function describeEngine(info: EngineInfo): EngineDescription {
  return {
    version: info.ServerVersion ?? "",
    httpsProxy: info.HttpsProxy ?? "",
    noProxy: info.NoProxy ?? "",
    mirrors: info.RegistryConfig?.Mirrors ?? [],
    insecure: insecureIn(info.RegistryConfig ?? {}),
    imageStore: info.Driver ?? "",
  };
}

function insecureIn({ IndexConfigs, InsecureRegistryCIDRs }: RegistryConfig): InsecureRegistries {
  const indexes = Object.entries(IndexConfigs ?? {});
  const namesThat = (secure: boolean) => indexes.filter(([, each]) => (each.Secure === true) === secure);
  return {
    names: namesThat(false).map(([name]) => name),
    verified: namesThat(true).map(([name]) => name),
    networks: InsecureRegistryCIDRs ?? [],
  };
}

function authConfig({ username, password }: Credential, serveraddress: string): object {
  const secret = reveal(password);
  return isIdentityToken({ username, password })
    ? { identitytoken: secret, serveraddress }
    : { username, password: secret, serveraddress };
}

/** Reads the engine's progress to its end; what it reports as an error is thrown. */
async function follow(docker: Docker, stream: NodeJS.ReadableStream): Promise<readonly EngineMessage[]> {
  return new Promise((resolve, reject) => {
    docker.modem.followProgress(stream, (error: Error | null, messages: readonly EngineMessage[] | null) => {
      const failed = messages?.find((message) => message.error !== undefined);
      if (error !== null) reject(error);
      else if (failed !== undefined) reject(new Error(failed.errorDetail?.message ?? failed.error));
      else resolve(messages ?? []);
    });
  });
}

function digestIn(messages: readonly EngineMessage[]): string {
  const aux = messages.find((message) => message.aux?.Digest !== undefined)?.aux?.Digest;
  return (
    aux ??
    messages.map((message) => /digest: (sha256:[0-9a-f]{64})/.exec(message.status ?? "")?.[1]).find(Boolean) ??
    ""
  );
}

function ignoreAbsent(error: unknown): void {
  if ((error as { statusCode?: number }).statusCode !== 404) throw error;
}
