import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { text, buffer } from "node:stream/consumers";
import { extract } from "tar-stream";
import { expect, test } from "vitest";
import { makeContent } from "../../src/smoke/artifact.ts";
import { makeImageArchive } from "../../src/smoke/image-archive.ts";

const REFERENCE = "reg.test:5000/smoke:tag";

async function unpack(body: AsyncIterable<Uint8Array>): Promise<ReadonlyMap<string, Buffer>> {
  const files = new Map<string, Buffer>();
  const archive = extract();
  Readable.from(body).pipe(archive);
  for await (const entry of archive) files.set(entry.header.name, await buffer(entry));
  return files;
}

function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

test.each([1, 1024, 300_000])(
  "an image of %d bytes is an OCI layout in which every digest and size is true",
  async (size) => {
    const { digest, body } = await makeImageArchive(makeContent(size), REFERENCE, "2026-11-25T00:00:00Z");
    const files = await unpack(body());
    const blobs = [...files].filter(([name]) => name.startsWith("blobs/"));
    expect(blobs.map(([name]) => name.replace("blobs/sha256/", "sha256:"))).toEqual(
      blobs.map(([, bytes]) => digestOf(bytes)),
    );
    const read = (of: string): Buffer => files.get(`blobs/${of.replace(":", "/")}`) ?? Buffer.alloc(0);
    const json = (bytes: Buffer | undefined) => JSON.parse(String(bytes)) as never;
    expect(json(files.get("oci-layout"))).toEqual({ imageLayoutVersion: "1.0.0" });
    const { manifests } = json(files.get("index.json")) as { manifests: { digest: string; annotations: object }[] };
    expect(manifests.map((each) => each.digest)).toEqual([digest]);
    expect(Object.values(manifests[0]?.annotations ?? {})).toEqual([REFERENCE, REFERENCE]);
    const { config, layers } = json(read(digest)) as Record<"config", { digest: string }> & {
      layers: { digest: string; size: number }[];
    };
    expect(layers.map((layer) => [layer.size, read(layer.digest).length])).toEqual(
      layers.map((layer) => [layer.size, layer.size]),
    );
    const layer = await unpack(Readable.from([read(layers[0]?.digest ?? "")]));
    expect([...layer].map(([name, bytes]) => [name, bytes.length])).toEqual([["regclient-verification", size]]);
    expect(json(read(config.digest))).toMatchObject({
      os: "linux",
      rootfs: { diff_ids: layers.map((each) => each.digest) },
    });
  },
);

test("the same archive gives the same bytes each time, and another one others", async () => {
  const make = async () => makeImageArchive(makeContent(2000), REFERENCE, "2026-11-25T00:00:00Z");
  const [one, other] = [await make(), await make()];
  expect(await text(one.body())).toBe(await text(one.body()));
  expect(one.digest).not.toBe(other.digest);
});
