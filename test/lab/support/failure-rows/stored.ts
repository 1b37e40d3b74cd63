import { login } from "../client-lab.ts";
import { name, type Bench } from "../failure-bench.ts";
import type { FailureRow } from "./row.ts";

const config = "/root/.docker/config.json";
const auth = Buffer.from(`${login.username}:${login.password}`).toString("base64");
const configured =
  (content: object | string) =>
  ({ write, byHand }: Bench): void =>
    write(byHand, config, typeof content === "string" ? content : JSON.stringify(content));

/** A helper that is installed; what it would say here does not matter. */
const withHelper =
  (suffix: string) =>
  async (bench: Bench): Promise<void> => {
    const path = `/usr/local/bin/docker-credential-${suffix}`;
    await bench.run(bench.byHand, `printf '#!/bin/sh\\nexit 1\\n' >${path} && chmod 755 ${path}`, `rm ${path}`);
    configured({ credsStore: suffix })(bench);
  };

/** podman writes the same file as docker, and needs no engine. */
const loggedIn =
  (registry: string) =>
  async ({ byHand, onMend }: Bench): Promise<void> => {
    const { code, stderr } = await byHand.run(
      ["podman", "login", "--authfile", config, "--username", login.username, "--password-stdin", registry],
      { stdin: `${login.password}\n` },
    );
    if (code !== 0) throw new Error(stderr);
    onMend(async () => void (await byHand.run(["rm", config])));
  };

/** Logins as they are kept on the host. */
export const storedRows: readonly FailureRow[] = [
  {
    title: "a store whose helper is not there",
    symptom: 'exec: "docker-credential-desktop": executable file not found in $PATH',
    code: "RC-CRD-040",
    known: 29,
    host: "byHand",
    breaks: configured({ credsStore: "desktop" }),
  },
  {
    title: "the Secret Service on a host without a session",
    symptom: "Cannot autolaunch D-Bus without X11 $DISPLAY",
    code: "!RC-CRD-043",
    known: 28,
    host: "byHand",
    breaks: withHelper("secretservice"),
  },
  {
    title: "pass without a store",
    symptom: "pass not initialized: exit status 1: Error: password store is empty",
    code: "!RC-CRD-044",
    known: 30,
    host: "byHand",
    breaks: withHelper("pass"),
  },
  {
    title: "a login that podman left in clear",
    symptom: "nothing; docker warns of it when it logs in",
    code: "!RC-CRD-041",
    known: 7,
    host: "byHand",
    breaks: loggedIn(`${name}:443`),
  },
  {
    title: "a login without the port, and images with it",
    symptom: "no basic auth credentials",
    code: "RC-CRD-042",
    known: 7,
    host: "byHand",
    breaks: configured({ auths: { [name]: { auth } } }),
  },
  {
    title: "a config.json with a comma too many",
    symptom: "WARNING: Error loading config file: invalid character '}'",
    code: "RC-CFG-003",
    host: "byHand",
    breaks: configured("{,"),
  },
  {
    title: "its login was removed",
    symptom: "no basic auth credentials",
    code: "!RC-CRD-008",
    known: 7,
    host: "enrolled",
    breaks: async ({ regclient, enrolled, onMend }) => {
      await regclient(enrolled, ["logout", name]);
      const again = ["login", name, "--username", login.username, "--password-stdin"];
      onMend(async () => void (await regclient(enrolled, again, { stdin: `${login.password}\n` })));
    },
  },
];
