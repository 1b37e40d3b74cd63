import type { Identity } from "../../support/pki.ts";

/** What nginx in front of the registry is told. */
export interface Front {
  readonly identity: Identity;
  /** Behind the leaf in what is served; default: all intermediates of the identity, without the root. */
  readonly sends?: string;
  /** After the port in `listen`. */
  readonly listen: string;
  /** Lines of `http`. */
  readonly http: readonly string[];
  /** Lines of `server`. */
  readonly server: readonly string[];
  /** Lines of `location /`, besides where it passes on to. */
  readonly location: readonly string[];
  readonly passes: string;
}

/** Where nginx of the lab's registry host keeps its things. */
export const frontFolder = "/var/lib/front";

/** What the registry needs to know of the client to give addresses that the client can use. */
export const headersPassed = {
  host: "proxy_set_header Host $http_host;",
  scheme: "proxy_set_header X-Forwarded-Proto $scheme;",
} as const;

/** As in docs of Distribution and of nginx: no limit, nothing kept, and the registry is told name and scheme. */
export function goodFront(identity: Identity): Front {
  return {
    identity,
    listen: "ssl",
    http: [],
    server: ["client_max_body_size 0;"],
    location: Object.values(headersPassed),
    passes: "http://127.0.0.1:5000",
  };
}

/** The chain that is served, PEM. */
export function chainOf({ identity, sends }: Front): string {
  return (
    identity.certificate.pem +
    (sends ??
      identity.issuers
        .slice(0, -1)
        .map(({ pem }) => pem)
        .join(""))
  );
}

/** The configuration file. */
export function writeFront({ listen, http, server, location, passes }: Front): string {
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
    (each) => `  ${each}_temp_path ${frontFolder}/${each};`,
  );
  return `user root;
worker_processes 1;
pid ${frontFolder}/nginx.pid;
error_log ${frontFolder}/error.log notice;
events { worker_connections 256; }
http {
  access_log off;
${[...temporary, ...http].join("\n")}
  server {
    listen 443 ${listen};
    listen [::]:443 ${listen};
    ssl_certificate ${frontFolder}/certificate.pem;
    ssl_certificate_key ${frontFolder}/key.pem;
    proxy_request_buffering off;
    proxy_buffering off;
    proxy_http_version 1.1;
    ${server.join("\n    ")}
    location /token { proxy_pass http://127.0.0.1:5100; }
    location / {
      proxy_pass ${passes};
      ${location.join("\n      ")}
    }
  }
}
`;
}
