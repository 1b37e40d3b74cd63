import type { RegistryName } from "../registry/name.ts";
import { success, type Result } from "../result.ts";
import { readYaml } from "../formats/yaml-document.ts";
import { certificateFiles, clientPaths } from "./certificate-files.ts";
import { isTable, valueAt } from "./formats/toml-data.ts";
import { withYaml, withoutYaml, type YamlWant } from "./formats/yaml.ts";
import { wantNothing, type Runtime, type RuntimeCase, type RuntimeView } from "./runtime.ts";

const PRODUCTS = [
  { directory: "/etc/rancher/k3s", units: ["k3s", "k3s-agent"] },
  { directory: "/etc/rancher/rke2", units: ["rke2-server", "rke2-agent"] },
] as const;
type Product = (typeof PRODUCTS)[number];
const TLS_KEYS = ["ca_file", "cert_file", "key_file"] as const;

/**
 * k3s and RKE2: registries.yaml, from which the containerd inside is configured at each start (docs.k3s.io, "Private
 * Registry Configuration"; k3s: pkg/agent/containerd/config.go). Only paths of certificates are written there, never a
 * login: the kubelet's own image pull secrets are for that.
 */
export const k3sRuntime: Runtime = {
  id: "k3s",
  title: "k3s, RKE2",
  signs: {
    programs: ["k3s", "rke2"],
    versionArguments: ["--version"],
    paths: PRODUCTS.map(({ directory }) => directory),
  },
  looksAt: () => PRODUCTS.flatMap((product) => [product.directory, configOf(product), ...unitsOf(product)]),
  wants: (about, view) => {
    const products = productsFor(about, view);
    return {
      ...wantNothing("k3s"),
      files: products.flatMap(({ directory }) => certificateFiles(certificatesOf(directory, about.name.key), about)),
      edits: products.map((product) => ({
        path: configOf(product),
        // others put passwords there
        mode: 0o600,
        put: (text) => putRegistry(text, product, about),
      })),
      reload: `registries.yaml is read only at a start: ${products.map((each) => restartOf(each, view)).join("; ")}`,
    };
  },
  takeOut: (text, name) => {
    const left = withoutYaml(text, foundIn(text, name));
    return success(left.trim() === "" ? "" : left);
  },
  reads: (about, view) =>
    productsFor(about, view).flatMap((product) => [
      configOf(product),
      ...certificateFiles(certificatesOf(product.directory, about.name.key), about).map(({ path }) => path),
    ]),
};

/** Those that have a directory, or a program; k3s where it was asked for and nothing is there yet. */
function productsFor({ found }: RuntimeCase, view: RuntimeView): readonly Product[] {
  const [k3s, rke2] = PRODUCTS;
  const there = PRODUCTS.filter(({ directory }) => view.entry(directory).kind !== "absent");
  if (there.length > 0) return there;
  return [found?.sign.endsWith("/rke2") === true ? rke2 : k3s];
}

function configOf({ directory }: Product): string {
  return `${directory}/registries.yaml`;
}

function certificatesOf(directory: string, key: string): string {
  return `${directory}/certs.d/${key}`;
}

function unitsOf({ units }: Product): readonly string[] {
  return units.flatMap((unit) => [
    `/etc/systemd/system/${unit}.service`,
    `/usr/local/lib/systemd/system/${unit}.service`,
  ]);
}

function restartOf(product: Product, view: RuntimeView): string {
  const { units } = product;
  const known = units.filter((unit) =>
    unitsOf(product).some((path) => path.endsWith(`/${unit}.service`) && view.entry(path).kind !== "absent"),
  );
  if (known.length > 0) return known.map((unit) => `systemctl restart ${unit}`).join("; ");
  return `systemctl restart ${units[0]} (on an agent: ${units[1]})`;
}

function putRegistry(text: string, product: Product, about: RuntimeCase): Result<string> {
  const wants = wantsFor(product, about);
  const isWanted = (found: YamlWant): boolean =>
    wants.some((want) => want.value === found.value && want.path.join("\n") === found.path.join("\n"));
  const obsolete = foundIn(text, about.name).filter((found) => !isWanted(found));
  return withYaml(withoutYaml(text, obsolete), wants, configOf(product));
}

function wantsFor({ directory }: Product, { name, bundle, client }: RuntimeCase): readonly YamlWant[] {
  const place = certificatesOf(directory, name.key);
  const { certFile, keyFile } = clientPaths(place);
  return name.aliases.flatMap((alias) => {
    const at = (key: (typeof TLS_KEYS)[number], value: string): YamlWant => ({
      path: ["configs", alias, "tls", key],
      value,
    });
    return [
      ...(bundle === "" ? [] : [at("ca_file", `${place}/ca.crt`)]),
      ...(client === undefined ? [] : [at("cert_file", certFile), at("key_file", keyFile)]),
    ];
  });
}

/** What stands there of one registry, or of all. */
function foundIn(text: string, name: RegistryName | undefined): readonly YamlWant[] {
  const read = readYaml(text);
  const configs = "data" in read && isTable(read.data) ? valueAt(read.data, ["configs"]) : undefined;
  if (!isTable(configs)) return [];
  return Object.keys(configs).flatMap((host) =>
    TLS_KEYS.flatMap((key) => {
      const value = valueAt(configs, [host, "tls", key]);
      const isOurs = typeof value === "string" && PRODUCTS.some((each) => value.startsWith(`${placeOf(each, name)}/`));
      return isOurs ? [{ path: ["configs", host, "tls", key], value }] : [];
    }),
  );
}

function placeOf({ directory }: Product, name: RegistryName | undefined): string {
  return name === undefined ? `${directory}/certs.d` : certificatesOf(directory, name.key);
}
