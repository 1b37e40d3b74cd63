import { expect, test } from "vitest";
import { secret } from "../../src/credentials/secret.ts";
import { containerdRuntime } from "../../src/runtimes/containerd.ts";
import { containersRuntime } from "../../src/runtimes/containers.ts";
import { dockerRuntime } from "../../src/runtimes/docker.ts";
import type { Runtime } from "../../src/runtimes/runtime.ts";
import { BUNDLE, caseOf, wantsOn, type Tree } from "./seen.ts";

const NAME = "reg.test:5000";
const client = { chain: "-----BEGIN CERTIFICATE-----\n", key: secret("-----BEGIN PRIVATE KEY-----\n") };
const docker = `/etc/docker/certs.d/${NAME}`;
const containers = `/etc/containers/certs.d/${NAME}`;
const containerd = `/etc/containerd/certs.d/${NAME}`;
const only = { selected: [] };

async function filesOf(runtime: Runtime, tree: Tree, more: object): Promise<readonly string[]> {
  const { files, conflicts } = await wantsOn(runtime, tree, caseOf(NAME, more));
  expect(conflicts).toEqual([]);
  return files.map(({ path, mode }) => `${mode.toString(8)} ${path}`);
}

test.each([
  ["docker", dockerRuntime, {}, docker],
  ["containers", containersRuntime, only, containers],
])("%s: the pair lies beside ca.crt, and without one where the system's CAs vouch", async (_, runtime, more, place) => {
  const pair = [`644 ${place}/client.cert`, `600 ${place}/client.key`];
  expect(await filesOf(runtime, {}, { ...more, client })).toEqual([`644 ${place}/ca.crt`, ...pair]);
  expect(await filesOf(runtime, {}, { ...more, client, bundle: "" })).toEqual(pair);
});

test("half of our own pair is made whole, and half of somebody else's refused", async () => {
  expect(await filesOf(dockerRuntime, { [`${docker}/client.key`]: "x" }, { client })).toHaveLength(3);
  const { conflicts } = await wantsOn(dockerRuntime, { [`${docker}/their.key`]: "x" }, caseOf(NAME, { client }));
  expect(conflicts.map(({ code }) => code)).toEqual(["RC-RUN-001"]);
});

const LINE = `client = [["${containerd}/client.cert", "${containerd}/client.key"]]`;

test.each([
  ["with a CA", BUNDLE, [`ca = ["${containerd}/ca.crt"]`, LINE]],
  ["where the system's CAs vouch", "", [LINE]],
])("containerd: hosts.toml names the pair for the host and at the top, %s", async (_, bundle, lines) => {
  const { files } = await wantsOn(containerdRuntime, {}, caseOf(NAME, { client, bundle }));
  const text = Buffer.from(files.find(({ path }) => path.endsWith("hosts.toml"))?.bytes ?? []).toString();
  for (const line of lines) expect(text.split(line)).toHaveLength(3);
  if (bundle === "") expect(text).not.toContain("ca.crt");
});

test("containerd: in a hosts.toml of somebody else it goes in, and goes with the declaration", async () => {
  const path = `${containerd}/hosts.toml`;
  const theirs = `server = "https://${NAME}"\n\n[host."https://${NAME}"]\n  # ours\n  capabilities = ["pull"]\n`;
  const put = async (text: string, more: object): Promise<string> => {
    const { edits } = await wantsOn(containerdRuntime, { [path]: text }, caseOf(NAME, more));
    const result = edits[0]?.put(text);
    if (result === undefined || !result.ok) throw new Error(JSON.stringify(result));
    return result.value;
  };
  const withPair = await put(theirs, { client });
  expect(withPair.split(LINE)).toHaveLength(3);
  const without = await put(withPair, { client: undefined });
  expect(without).not.toContain("client.key");
  expect(without.split("ca.crt")).toHaveLength(3);
  expect(await put(theirs, {})).toBe(without);
});
