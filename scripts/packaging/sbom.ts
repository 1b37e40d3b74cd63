import { execFileSync } from "node:child_process";
import { join } from "node:path";
import type { BundledPackage } from "./bundled.ts";
import type { Architecture } from "./executable.ts";

interface Component {
  readonly "bom-ref": string;
  readonly purl: string;
  readonly version: string;
  readonly [key: string]: unknown;
}

interface BillOfMaterials {
  readonly metadata: { readonly component: Component; readonly [key: string]: unknown };
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
  readonly [key: string]: unknown;
}

/**
 * CycloneDX, as `npm sbom` writes it, of what is in the executable: Node, and those packages of which the bundle has
 * something. What npm makes different each time is left out or dated with `sourceDate` (seconds).
 */
export function writeBillOfMaterials(
  bundled: readonly BundledPackage[],
  { arch, sourceDate }: { readonly arch: Architecture; readonly sourceDate: number },
): string {
  const { serialNumber: _random, ...all } = askNpm();
  const isInside = (component: Component): boolean =>
    bundled.some(({ name, version }) => name !== "node" && component.purl === purlOf(name, version));
  const inside = all.components.filter(isInside);
  const node = nodeComponent(bundled, arch);
  const refs = new Set([...inside, node].map((component) => component["bom-ref"]));
  const missing = bundled.filter(
    ({ name, version }) => name !== "node" && !inside.some((each) => each.purl === purlOf(name, version)),
  );
  if (missing.length > 0) throw new Error(`npm sbom does not name ${missing.map(({ name }) => name).join(", ")}`);
  const { component } = all.metadata;
  const program = component["bom-ref"];
  const dependencies = [
    ...all.dependencies.map(({ ref, dependsOn }) => ({
      ref,
      dependsOn: [...dependsOn, ...(ref === program ? [node["bom-ref"]] : [])].filter((each) => refs.has(each)),
    })),
    { ref: node["bom-ref"], dependsOn: [] },
  ].filter(({ ref }) => ref === program || refs.has(ref));
  const document = {
    ...all,
    metadata: {
      timestamp: new Date(sourceDate * 1000).toISOString(),
      lifecycles: [{ phase: "build" }],
      component: { ...component, type: "application", name: "regclient" },
    },
    components: [...inside, node],
    dependencies,
  };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}

/** Of what package-lock.json says, whatever else is installed. */
function askNpm(): BillOfMaterials {
  // not with --omit=dev: that also omits what a development package uses beside us
  const options = ["--sbom-format", "cyclonedx", "--package-lock-only"];
  const cwd = join(import.meta.dirname, "../..");
  return JSON.parse(
    execFileSync("npm", ["sbom", ...options], { cwd, encoding: "utf8", maxBuffer: 2 ** 26 }),
  ) as BillOfMaterials;
}

function purlOf(name: string, version: string): string {
  return `pkg:npm/${name.replace("@", "%40")}@${version}`;
}

function nodeComponent(bundled: readonly BundledPackage[], arch: Architecture): Component {
  const version = bundled.find(({ name }) => name === "node")?.version ?? "";
  return {
    "bom-ref": `node@${version}`,
    type: "platform",
    name: "node",
    version,
    scope: "required",
    description: `Node.js for linux-${arch}, with the libraries that it brings`,
    purl: `pkg:generic/node@${version}`,
    cpe: `cpe:2.3:a:nodejs:node.js:${version}:*:*:*:*:*:*:*`,
    licenses: [{ license: { id: "MIT" } }],
  };
}
