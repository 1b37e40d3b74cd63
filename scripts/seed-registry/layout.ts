import { join } from "node:path";

/** Where an instance keeps its files. All of them are below its one data folder. */
export interface Layout {
  readonly data: string;
  readonly settings: string;
  readonly htpasswd: string;
  /** One folder a certificate, and the links `current` and `next`. */
  readonly tls: string;
  /** What nginx gives to anyone. */
  readonly publicFolder: string;
  readonly trust: string;
  readonly registryConfig: string;
  readonly registryData: string;
  readonly nginxFolder: string;
  readonly nginxConfig: string;
  readonly compose: string;
  readonly composeEnv: string;
  readonly run: string;
  readonly registryPid: string;
  readonly nginxPid: string;
  readonly logs: string;
  readonly registryLog: string;
  readonly nginxErrorLog: string;
  readonly nginxAccessLog: string;
}

/** The layout of the instance below `data`; inside the containers of the docker engine, `data` is another. */
export function layOut(data: string): Layout {
  return {
    data,
    settings: join(data, "settings.json"),
    htpasswd: join(data, "htpasswd"),
    tls: join(data, "tls"),
    publicFolder: join(data, "public"),
    trust: join(data, "public", "trust.pem"),
    registryConfig: join(data, "registry.yml"),
    registryData: join(data, "registry"),
    nginxFolder: join(data, "nginx"),
    nginxConfig: join(data, "nginx", "nginx.conf"),
    compose: join(data, "compose.yaml"),
    composeEnv: join(data, ".env"),
    run: join(data, "run"),
    registryPid: join(data, "run", "registry.pid"),
    nginxPid: join(data, "run", "nginx.pid"),
    logs: join(data, "logs"),
    registryLog: join(data, "logs", "registry.log"),
    nginxErrorLog: join(data, "logs", "nginx-error.log"),
    nginxAccessLog: join(data, "logs", "nginx-access.log"),
  };
}

/** The data folder when none is named. */
export function defaultDataFolder(isRoot: boolean, env: Readonly<Record<string, string | undefined>>): string {
  if (isRoot) return "/var/lib/devregistry";
  const base = env["XDG_DATA_HOME"] ?? join(env["HOME"] ?? "/", ".local", "share");
  return join(base, "devregistry");
}
