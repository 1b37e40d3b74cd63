import { mkdirSync, writeFileSync } from "node:fs";
import { stringify } from "yaml";
import { clientAuth, makeCA, makeCertificate, makeLeaf, type Identity } from "../../support/pki.ts";
import { login } from "./client-lab.ts";
import type { RunningCommand } from "./command.ts";
import type { LabHost } from "./host.ts";

/** What the fronts' certificates are, in the order of the table. */
export const TRUSTS = ["self-signed", "CA-issued", "with an intermediate", "mutual TLS"] as const;
/** Where the fronts are, in the order of the table. */
export const PLACES = ["port 443", "port 5000", "IPv4 literal", "IPv6 literal"] as const;

/** One TLS server before the registry, and how it is enrolled. */
export interface Front {
  readonly trust: (typeof TRUSTS)[number];
  readonly place: (typeof PLACES)[number];
  /** As `mutual:5000` or `[fd00:62::103]:6003`. */
  readonly name: string;
  /** Options of `enroll`; the files are those that `giveFiles` makes. */
  readonly options: readonly string[];
}

/** The fronts of one registry, which all have the same images. */
export interface Fronts {
  readonly all: readonly Front[];
  /** Makes the files that `options` name on a client. */
  giveFiles(client: LabHost): void;
  stop(): Promise<void>;
}

const FOLDER = "/var/lib/fronts";
const IPV4 = "10.10.62.103";
const IPV6 = "fd00:62::103";
const FIRST_PORT = 6000;

interface Server {
  readonly trust: Front["trust"];
  readonly host: string;
  readonly identity: Identity;
  readonly options: readonly string[];
}

/** Starts one registry on the host, behind an nginx with a server for each certificate at each place. */
export async function startFronts(host: LabHost): Promise<Fronts> {
  const root = makeCA({ commonName: "Company root" });
  const clients = makeCA({ commonName: "Company clients" });
  const servers = makeServers(root);
  const write = (name: string, text: string): void => writeFileSync(host.path(`${FOLDER}/${name}`), text);
  mkdirSync(host.path(FOLDER));
  write("clients.pem", clients.certificate.pem);
  for (const { host: name, identity } of servers) {
    const chain = [
      identity.certificate,
      ...identity.issuers.filter(({ subjectKey, issuerKey }) => subjectKey !== issuerKey),
    ];
    write(`${name}.pem`, chain.map(({ pem }) => pem).join(""));
    write(`${name}.key`, identity.keyPem);
  }
  const made = await host.run(["htpasswd", "-B", "-C", "4", "-i", "-n", login.username], {
    stdin: `${login.password}\n`,
  });
  write("htpasswd", made.stdout);
  write("registry.yml", registryConfig());
  write("nginx.conf", nginxConfig(servers));
  const registry = await host.start(["docker-registry", "serve", `${FOLDER}/registry.yml`]);
  const nginx = await host.start(["nginx", "-c", `${FOLDER}/nginx.conf`]);
  await untilAnswering(host, [registry, nginx]);
  return {
    all: servers.flatMap((server, index) => frontsOf(server, FIRST_PORT + index)),
    giveFiles: (client) =>
      giveFiles(
        client,
        root,
        makeCertificate({ commonName: "host1", issuer: clients, extendedKeyUsage: [clientAuth] }),
      ),
    stop: async () => void (await Promise.all([registry.stop(), nginx.stop()])),
  };
}

function makeServers(root: Identity): readonly Server[] {
  const issuer = makeCA({ commonName: "Company issuer", issuer: root });
  const names = (name: string) => ({ commonName: name, dns: [name], ip: [IPV4, "fd00:62:0:0:0:0:0:103"] });
  const self = makeLeaf(names("selfsigned"));
  const byRoot = ["--ca-file", "/etc/pki/root.pem"];
  const pair = ["--client-cert", "/etc/pki/host1.pem", "--client-key", "/etc/pki/host1.key"];
  return [
    {
      trust: "self-signed",
      host: "selfsigned",
      identity: self,
      options: ["--fingerprint", `sha256:${self.certificate.fingerprint}`],
    },
    { trust: "CA-issued", host: "issued", identity: makeLeaf({ ...names("issued"), issuer: root }), options: byRoot },
    {
      trust: "with an intermediate",
      host: "intermediate",
      identity: makeLeaf({ ...names("intermediate"), issuer }),
      options: byRoot,
    },
    {
      trust: "mutual TLS",
      host: "mutual",
      identity: makeLeaf({ ...names("mutual"), issuer: root }),
      options: [...byRoot, ...pair],
    },
  ];
}

function frontsOf({ trust, host, options }: Server, port: number): readonly Front[] {
  const alias = ["--address", IPV4];
  return [
    { trust, place: "port 443", name: host, options: [...options, ...alias] },
    { trust, place: "port 5000", name: `${host}:5000`, options: [...options, ...alias] },
    { trust, place: "IPv4 literal", name: `${IPV4}:${port}`, options },
    { trust, place: "IPv6 literal", name: `[${IPV6}]:${port}`, options },
  ];
}

function giveFiles(client: LabHost, root: Identity, own: Identity): void {
  const write = (name: string, text: string): void =>
    writeFileSync(client.path(`/etc/pki/${name}`), text, { mode: 0o600 });
  mkdirSync(client.path("/etc/pki"), { recursive: true });
  write("root.pem", root.certificate.pem);
  write("host1.pem", own.certificate.pem);
  write("host1.key", own.keyPem);
}

function registryConfig(): string {
  return stringify({
    version: 0.1,
    storage: { filesystem: { rootdirectory: `${FOLDER}/data` }, delete: { enabled: true } },
    auth: { htpasswd: { realm: "fronts", path: `${FOLDER}/htpasswd` } },
    http: { addr: "127.0.0.1:5001" },
  });
}

function nginxConfig(servers: readonly Server[]): string {
  return `user root;
daemon off;
pid /run/fronts.pid;
error_log ${FOLDER}/error.log;
events {}
http {
  access_log off;
  client_max_body_size 0;
  proxy_request_buffering off;
${servers.map((server, index) => serverBlock(server, FIRST_PORT + index)).join("")}}
`;
}

function serverBlock({ host, trust }: Server, port: number): string {
  const asked = trust === "mutual TLS" ? `ssl_client_certificate ${FOLDER}/clients.pem; ssl_verify_client on;` : "";
  return `  server {
    listen ${IPV4}:443 ssl;
    listen ${IPV4}:5000 ssl;
    listen ${IPV4}:${port} ssl;
    listen [${IPV6}]:${port} ssl;
    server_name ${host};
    ssl_certificate ${FOLDER}/${host}.pem;
    ssl_certificate_key ${FOLDER}/${host}.key;
    ssl_session_tickets off;
    ${asked}
    location / {
      proxy_pass http://127.0.0.1:5001;
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-Proto https;
    }
  }
`;
}

async function untilAnswering(host: LabHost, running: readonly RunningCommand[]): Promise<void> {
  const ask = ["curl", "--insecure", "--silent", "--retry-all-errors", "--retry", "100", "--retry-delay", "0"];
  const { stdout } = await host.run([
    ...ask,
    "--retry-max-time",
    "30",
    "--write-out",
    "%{http_code}",
    `https://${IPV4}:${FIRST_PORT}/v2/`,
  ]);
  if (!stdout.endsWith("401"))
    throw new Error(`the fronts did not start:\n${running.map((each) => each.output()).join("\n")}`);
}
