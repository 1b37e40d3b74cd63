import { name, type Bench } from "../failure-bench.ts";
import type { FailureRow } from "./row.ts";

const verify = ["verify", name, "--via", "direct"];
const elsewhere = { filesystem: { rootdirectory: "/var/lib/other-registry" } };

/** nginx sends some requests to the other replica. */
const spreading =
  (toSecond: string, replica: Parameters<Bench["replica"]>[0]) =>
  async (bench: Bench): Promise<void> => {
    await bench.replica(replica);
    const map = `map "$request_method $uri" $replica { default 5000; ${toSecond} 5001; }`;
    await bench.front(() => ({ http: [map], passes: "http://127.0.0.1:$replica" }));
  };

/** Two registries behind one nginx. */
export const replicaRows: readonly FailureRow[] = [
  {
    title: "replicas with different secrets",
    symptom: "blob upload invalid",
    code: "RC-PSH-013",
    known: 15,
    host: "enrolled",
    breaks: spreading("~^P[AU]", { http: { addr: "127.0.0.1:5001", secret: "other" } }),
  },
  {
    title: "replicas that do not share their storage",
    symptom: "blob upload unknown",
    code: "RC-PSH-012",
    known: 15,
    host: "enrolled",
    breaks: spreading("~^P[AU]", { storage: elsewhere }),
  },
  {
    title: "manifests go to a replica that does not have the blobs",
    symptom: "manifest blob unknown",
    code: "RC-PSH-015",
    known: 19,
    host: "enrolled",
    command: verify,
    breaks: spreading("~/manifests/", { storage: elsewhere }),
  },
  {
    title: "replicas that share secret and storage",
    symptom: "none",
    code: "",
    known: 15,
    host: "enrolled",
    command: verify,
    breaks: spreading("~^P[AU]", {}),
  },
];
