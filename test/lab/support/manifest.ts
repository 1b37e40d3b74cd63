import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { checkout } from "./holder.ts";

/** What of fleet/kubernetes/daemonset.yaml decides how a node's container is made; the rest is Kubernetes' own. */
export interface Manifest {
  readonly files: Readonly<Record<string, string>>;
  readonly container: {
    readonly image: string;
    readonly args: readonly string[];
    readonly readinessProbe: Probe;
    readonly livenessProbe: Probe;
    readonly securityContext: { readonly capabilities: { readonly add: readonly string[] } };
    readonly volumeMounts: readonly {
      readonly name: string;
      readonly mountPath: string;
      readonly subPath?: string;
    }[];
  };
  readonly volumes: readonly {
    readonly name: string;
    readonly hostPath?: { readonly path: string; readonly type?: string };
    readonly configMap?: object;
    readonly emptyDir?: object;
  }[];
}

interface Probe {
  readonly exec: { readonly command: readonly string[] };
}

const MANIFEST = join(checkout, "fleet", "kubernetes", "daemonset.yaml");

/** Reads the manifest, after `edit` has changed its text. */
export function readManifest(edit: (text: string) => string): Manifest {
  const text = edit(readFileSync(MANIFEST, "utf8"));
  const [configMap, daemonSet] = parseAllDocuments(text).map((each): unknown => each.toJS());
  const { data } = configMap as { readonly data: Manifest["files"] };
  const { spec } = daemonSet as {
    readonly spec: {
      readonly template: {
        readonly spec: { readonly containers: readonly Manifest["container"][]; readonly volumes: Manifest["volumes"] };
      };
    };
  };
  const container = spec.template.spec.containers[0];
  if (container === undefined) throw new Error("the manifest has no container");
  return { files: data, container, volumes: spec.template.spec.volumes };
}
