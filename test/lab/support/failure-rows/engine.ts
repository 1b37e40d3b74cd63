import { name, type Bench } from "../failure-bench.ts";
import type { FailureRow } from "./row.ts";

const file = "/etc/docker/daemon.json";

/** The engine, started with this daemon.json. */
const engineWith =
  (settings: object) =>
  async (bench: Bench): Promise<void> => {
    const { enrolled, write } = bench;
    write(enrolled, file, JSON.stringify(settings));
    await started(bench);
  };

/** With this daemon.json it does not start. */
const refusing =
  (settings: object) =>
  async (bench: Bench): Promise<void> => {
    const outcome = await engineWith(settings)(bench).catch((error: Error) => error.message);
    if (!outcome?.includes("unable to configure the Docker daemon")) throw new Error(`dockerd started: ${outcome}`);
  };

async function started({ enrolled, onMend }: Bench, environment: Readonly<Record<string, string>> = {}): Promise<void> {
  onMend(() => enrolled.stopDockerd());
  await enrolled.startDockerd(environment);
}

const proxied = (bench: Bench): Promise<void> => started(bench, { HTTPS_PROXY: "http://127.0.0.1:3128" });

/** The engine of the host. */
export const engineRows: readonly FailureRow[] = [
  { title: "an engine that verifies", symptom: "none", code: "", host: "enrolled", breaks: started },
  {
    title: "insecure-registries names the registry",
    symptom: "nothing: any certificate will do",
    code: "RC-ENG-007",
    known: 6,
    host: "enrolled",
    breaks: engineWith({ "insecure-registries": [`${name}:443`] }),
  },
  {
    title: "insecure-registries names its network",
    symptom: "nothing: any certificate will do",
    code: "RC-ENG-007",
    known: 6,
    host: "enrolled",
    breaks: engineWith({ "insecure-registries": ["10.10.62.0/24"] }),
  },
  {
    title: "insecure-registries is no list",
    symptom: "unable to configure the Docker daemon with file /etc/docker/daemon.json: json: cannot unmarshal",
    code: "RC-CFG-034",
    known: 5,
    host: "enrolled",
    breaks: refusing({ "insecure-registries": `${name}:443` }),
  },
  {
    title: "a misspelt setting in daemon.json",
    symptom: "the following directives don't match any configuration option: insecure_registries",
    code: "RC-CFG-034",
    known: 5,
    host: "enrolled",
    breaks: refusing({ insecure_registries: [`${name}:443`] }),
  },
  {
    title: "the name of the option in daemon.json, in place of the setting",
    symptom: "http: server gave HTTP response to HTTPS client, though daemon.json says insecure",
    code: "!RC-CFG-035",
    known: 5,
    host: "enrolled",
    breaks: engineWith({ "insecure-registry": ["other.test:5000"] }),
  },
  {
    title: "daemon.json was written, and the engine not restarted",
    symptom: "http: server gave HTTP response to HTTPS client",
    code: "!RC-ENG-026",
    known: 5,
    host: "enrolled",
    breaks: async (bench) => {
      await started(bench);
      bench.write(bench.enrolled, file, JSON.stringify({ "insecure-registries": ["other.test:5000"] }));
    },
  },
  {
    title: "a proxy of the daemon",
    symptom: "proxyconnect tcp: dial tcp 127.0.0.1:3128: connect: connection refused",
    code: "!RC-ENG-020",
    known: 22,
    host: "enrolled",
    breaks: proxied,
  },
  {
    title: "a proxy of the daemon, when it is used",
    symptom: "proxyconnect tcp: dial tcp 127.0.0.1:3128: connect: connection refused",
    code: "RC-ENG-006",
    known: 22,
    host: "enrolled",
    command: ["verify", name, "--via", "docker"],
    twin: ["verify", name],
    breaks: proxied,
  },
  {
    title: "an image whose name leads to Docker Hub",
    symptom: "The push refers to repository [docker.io/devregistry/app]; pull access denied",
    code: "!RC-NAM-020",
    known: 8,
    host: "enrolled",
    breaks: async (bench) => {
      await started(bench);
      const made = `tar c -C /etc hostname | docker import - ${name}/app:1`;
      await bench.run(bench.enrolled, made, `docker rmi ${name}/app:1`);
    },
  },
  {
    title: "a proxy of the daemon that is not for this registry",
    symptom: "none",
    code: "",
    known: 22,
    host: "enrolled",
    breaks: (bench) => started(bench, { HTTPS_PROXY: "http://127.0.0.1:3128", NO_PROXY: name }),
  },
  {
    title: "a user who may not speak to the engine",
    symptom: "permission denied while trying to connect to the Docker daemon socket",
    code: "RC-ENG-027",
    host: "enrolled",
    user: "www-data",
    breaks: started,
  },
  {
    title: "an engine that was killed",
    symptom: "Cannot connect to the Docker daemon at unix:///var/run/docker.sock",
    code: "RC-ENG-001",
    host: "enrolled",
    breaks: async (bench) => {
      await started(bench);
      await bench.run(
        bench.enrolled,
        "kill -KILL $(cat /var/run/docker.pid); rm /var/run/docker.pid",
        "rm -f /var/run/docker.sock",
      );
    },
  },
];
