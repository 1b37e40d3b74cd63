import { CONFIG, type Planned } from "./planned-host.ts";

export const devregistry: Planned = { name: "devregistry", address: "10.10.62.103", vault: "sealed" };
export const other: Planned = { name: "other.test:5000", address: "fd00::5", vault: "keychain" };
export const third: Planned = { name: "third", address: "192.0.2.7", vault: "sealed" };
export const registries = [devregistry, other, third];

export const hosts = "127.0.0.1 localhost\n";
export const config = '{\n\t"auths": {\n\t\t"x": {\n\t\t\t"auth": "c2VjcmV0"\n\t\t}\n\t}\n}\n';

/** Hosts to begin with, by what is particular about them. */
export const starts: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
  ["an empty host", {}],
  ["a usual host", { "/etc/hosts": hosts, [CONFIG]: config }],
  ["files without a final newline, with CRLF", { "/etc/hosts": "a\r\nb", [CONFIG]: '{\r\n"a":1}' }],
  ["empty files", { "/etc/hosts": "", [CONFIG]: "" }],
  ["an empty object", { "/etc/hosts": "", [CONFIG]: "{}" }],
  ["directories that were there", { "/etc/docker/certs.d/x/ca.crt": "x", "/etc/docker/daemon.json": "{}" }],
];
