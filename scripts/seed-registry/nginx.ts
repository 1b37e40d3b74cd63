import { isIPv6 } from "node:net";
import { join } from "node:path";
import type { Layout } from "./layout.ts";
import type { Settings } from "./settings.ts";

/** What of nginx's surroundings its configuration depends on. */
export interface NginxPlace {
  readonly layout: Layout;
  /** The login of the workers; undefined when nginx does not start as root. */
  readonly workerUser: string | undefined;
  readonly hasIPv6: boolean;
  /** Where the registry is, as host and port. */
  readonly upstream: string;
  /** Port and address to listen on, as nginx itself sees them. */
  readonly listen: { readonly address: string | null; readonly port: number };
  /** False in a container, whose main process it is. */
  readonly daemon: boolean;
}

/** The nginx configuration of an instance. It names no file outside the data folder. */
export function writeNginxConfig(settings: Settings, place: NginxPlace): string {
  const { layout } = place;
  return `# Written by scripts/devregistry; changes are lost at its next "up".
${place.workerUser === undefined ? "" : `user ${place.workerUser};\n`}daemon ${place.daemon ? "on" : "off"};
worker_processes 4;
pid ${quote(layout.nginxPid)};
error_log ${quote(layout.nginxErrorLog)} notice;

events {
  worker_connections 512;
}

http {
  access_log ${quote(layout.nginxAccessLog)};
${temporaryFolders(layout)}
  server_tokens off;
  default_type application/octet-stream;

  # The registry sends the header too, but not when nginx itself answers 401: old Dockers then fall back to /v1/.
  map $upstream_http_docker_distribution_api_version $registry_api_version {
    "" "registry/2.0";
  }

  server {
${listenLines(place)}
    server_name ${[settings.alias, ...settings.addresses].map(quote).join(" ")};
    ssl_certificate ${quote(join(layout.tls, "current", "certificate.pem"))};
    ssl_certificate_key ${quote(join(layout.tls, "current", "key.pem"))};
    ssl_protocols TLSv1.2 TLSv1.3;
    ssl_session_tickets off;
${locations(place)}
  }
}
`;
}

function temporaryFolders(layout: Layout): string {
  const kinds = { client_body: "body", proxy: "proxy", fastcgi: "fastcgi", uwsgi: "uwsgi", scgi: "scgi" };
  return Object.entries(kinds)
    .map(([kind, folder]) => `  ${kind}_temp_path ${quote(join(layout.nginxFolder, folder))};`)
    .join("\n");
}

function listenLines({ listen, hasIPv6 }: NginxPlace): string {
  const all = hasIPv6 ? ["0.0.0.0", "::"] : ["0.0.0.0"];
  const addresses = listen.address === null ? all : [listen.address];
  return addresses
    .map((one) =>
      isIPv6(one) ? `    listen [${one}]:${listen.port} ssl ipv6only=on;` : `    listen ${one}:${listen.port} ssl;`,
    )
    .join("\n");
}

function locations({ layout, upstream }: NginxPlace): string {
  return `
    # Layers have no upper size, and are passed on as they come instead of being kept on disk first.
    client_max_body_size 0;
    proxy_request_buffering off;
    proxy_buffering off;
    proxy_http_version 1.1;
    chunked_transfer_encoding on;

    location = /.well-known/regclient/trust.pem {
      default_type application/x-pem-file;
      alias ${quote(layout.trust)};
    }

    location / {
      auth_basic "Registry";
      auth_basic_user_file ${quote(layout.htpasswd)};
      add_header Docker-Distribution-Api-Version $registry_api_version always;
      proxy_pass http://${upstream};
      proxy_set_header Host $http_host;
      proxy_set_header X-Real-IP $remote_addr;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_set_header X-Forwarded-Proto $scheme;
      # The password has done its work here.
      proxy_set_header Authorization "";
      proxy_read_timeout 900;
    }`;
}

function quote(text: string): string {
  return `"${text.replaceAll(/["\\$]/g, "\\$&")}"`;
}
