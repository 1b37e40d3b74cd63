import { writeFileSync } from "node:fs";
import { requireLab, startLab, type Lab } from "../../test/lab/lab.ts";
import { checkout } from "../../test/lab/support/holder.ts";
import { interleave, type Comparison, type Contender } from "./interleave.ts";

const ADDRESS = "10.10.62.103";
const PASSWORD = "measured";
const SIZE = 100_000_000;
const LARGE = 1_000_000_000;

/** Pushing and pulling a layer of 100 MB that nothing else has, against skopeo; and the memory that 1 GB takes. */
export async function benchTransfer(runs: number): Promise<readonly Comparison[]> {
  requireLab();
  await using lab = await startLab();
  await must(() =>
    lab.registry.devregistry(["up", "--address", ADDRESS, "--username", "xl", "--password-stdin"], {
      stdin: `${PASSWORD}\n`,
    }),
  );
  const fingerprint = (await lab.registry.devregistry(["fingerprint"])).stdout.trim();
  const trust = ["--address", ADDRESS, "--fingerprint", fingerprint, "--username", "xl", "--password-stdin"];
  await onClient(lab, [PROGRAM, "enroll", "devregistry", ...trust, "--no-verify", "--no-docker-config"], PASSWORD);
  const auth = Buffer.from(`xl:${PASSWORD}`).toString("base64");
  writeFileSync(lab.client.path("/tmp/auth.json"), JSON.stringify({ auths: { "devregistry:443": { auth } } }));
  writeFileSync(lab.client.path("/tmp/layout.sh"), LAYOUT);
  const compared = await interleave("push and pull of 100 MB", regclient(lab, String(SIZE)), skopeo(lab), runs);
  return [{ ...compared, remark: await measureMemory(lab) }];
}

const PROGRAM = `${checkout}/bin/regclient`;

// the layer is compressed already, as layers are: skopeo would otherwise spend its time on that
const LAYOUT = `set -eu
rm -rf /tmp/layout /tmp/pulled
mkdir -p /tmp/layout/blobs/sha256
cd /tmp/layout
put() { digest=$(sha256sum "$1" | cut -d ' ' -f 1); size=$(stat -c %s "$1"); mv "$1" blobs/sha256/$digest; }
head -c ${SIZE} /dev/urandom | gzip -1 > layer; put layer
layer='{"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","digest":"sha256:'$digest'","size":'$size'}'
printf '{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":["sha256:%s"]}}' $digest > config; put config
config='{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:'$digest'","size":'$size'}'
printf '{"schemaVersion":2,"config":%s,"layers":[%s]}' "$config" "$layer" > manifest; put manifest
printf '{"schemaVersion":2,"manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"sha256:%s","size":%s}]}' $digest $size > index.json
printf '{"imageLayoutVersion":"1.0.0"}' > oci-layout
`;

function skopeo(lab: Lab): Contender {
  const copy = ["skopeo", "copy", "--quiet", "--authfile", "/tmp/auth.json"];
  return {
    name: "skopeo copy to the registry, skopeo copy from it",
    prepare: async () => onClient(lab, ["sh", "/tmp/layout.sh"]),
    run: async () => {
      await onClient(lab, [...copy, "oci:/tmp/layout", "docker://devregistry:443/measured:skopeo"]);
      await onClient(lab, [...copy, "docker://devregistry:443/measured:skopeo", "dir:/tmp/pulled"]);
    },
  };
}

function regclient(lab: Lab, size: string): Contender {
  return {
    name: "regclient verify --via direct --size 100M",
    prepare: async () => undefined,
    run: async () => onClient(lab, [PROGRAM, "verify", "devregistry", "--via", "direct", "--size", size]),
  };
}

/** The kernel's own count of the most that the process had in memory at once. */
async function measureMemory(lab: Lab): Promise<string> {
  const argv = [
    "/usr/bin/time",
    "-f",
    "%M",
    PROGRAM,
    "verify",
    "devregistry",
    "--via",
    "direct",
    "--size",
    String(LARGE),
  ];
  const { stdout, stderr } = await must(() => lab.client.run([...argv, "--quiet"], { timeoutMs: 300_000 }));
  const [push, pull] = [...stdout.matchAll(/ at ([\d.]+) MB\/s/g)].map((match) => match[1]);
  const megabytes = (Number(stderr.trim().split("\n").at(-1)) * 1024) / 1e6;
  return `1 GB: at most ${megabytes.toFixed(0)} MB of memory; push ${push} MB/s, pull ${pull} MB/s, each hashed on the way.`;
}

async function onClient(lab: Lab, argv: readonly string[], stdin = ""): Promise<void> {
  await must(() => lab.client.run([...argv], { stdin, timeoutMs: 300_000 }));
}

async function must<T extends { readonly code: number | null; readonly stdout: string; readonly stderr: string }>(
  run: () => Promise<T>,
): Promise<T> {
  const done = await run();
  if (done.code !== 0) throw new Error(`exit ${done.code}\n${done.stdout}\n${done.stderr}`);
  return done;
}
