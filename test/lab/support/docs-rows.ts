import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { readBlocks } from "../../documentation/commands.ts";
import type { Stage } from "./docs-stage.ts";
import { checkout } from "./holder.ts";

/** Hosts that commands are typed on: see docs-commands.test.ts, which has a test for each. */
export type Group = "pages" | "changes" | "registry" | "machine" | "checkout";

/** The pages of each group, in the order in which they are gone through. */
export const GROUPS: Readonly<Record<Group, readonly string[]>> = {
  pages: [
    "README.md",
    "SECURITY.md",
    "docs/architecture.md",
    "docs/cli.md",
    "docs/compatibility.md",
    "docs/dependencies.md",
    "docs/doctor.md",
    "docs/failures.md",
    "docs/runtimes.md",
    "docs/security.md",
    "docs/verification.md",
  ],
  changes: ["docs/enrollment.md", "docs/fleet.md", "docs/metrics.md", "docs/rotation.md"],
  registry: ["docs/devregistry.md"],
  machine: ["docs/daemon.md", "docs/install.md"],
  checkout: ["CONTRIBUTING.md", "docs/lab.md", "docs/performance.md", "packaging/Containerfile"],
};

/** What a command line of a page needs beside the placeholders. Without a row it is typed on the client, and ends with 0. */
export interface CommandRow {
  readonly page: string;
  /** As the page has it, without its comment. */
  readonly command: string;
  /** Where another page's hosts are the right ones. */
  readonly group?: Group;
  /** Typed on the registry's host, or by a person who stands beside all of them. */
  readonly at?: "registry" | "outside";
  /** Typed in its place: a name of a command alone gets what it needs. */
  readonly as?: string;
  /** That the page says, where it is not 0. */
  readonly exit?: number;
  /** How the client has to be found; enrolled, or bare for `regclient enroll`, unless said. */
  readonly host?: "bare" | "enrolled" | "as it is";
  readonly stdin?: string;
  readonly cwd?: string;
  readonly user?: string;
  readonly prepare?: (stage: Stage) => Promise<void> | void;
  /** It runs on until it is stopped: this file is there when it is ready. */
  readonly until?: string;
  /** Another one that runs meanwhile. */
  readonly beside?: { readonly command: string; readonly until: string };
  /** What it must print, or have done. */
  readonly then?: (stage: Stage, output: string) => Promise<void> | void;
}

/** A command line that is run by no test in this form. */
export interface LeftOut {
  readonly page: string;
  readonly command: string;
  readonly why: string;
}

const SOCKET = "/run/regclient/credentials.sock";
const BY_HAND = `regclient daemon --socket ${SOCKET}`;
/** Where the checkout puts what users download. */
export const PACKAGES = "/tmp/packages";
const METRICS = "/var/lib/prometheus/node-exporter";

export const ROWS: readonly CommandRow[] = [
  { page: "README.md", command: "apt install ./regclient_VERSION_amd64.deb", group: "machine", stdin: "y\n" },
  { page: "README.md", command: "scripts/demo", group: "checkout" },
  { page: "README.md", command: "scripts/setup", group: "checkout" },
  { page: "README.md", command: "scripts/devregistry up", at: "registry", cwd: checkout },
  { page: "README.md", command: "regclient token create NAME …", at: "registry", then: expectToken },
  // the socket is what systemd would pass
  { page: "README.md", command: "regclient daemon", as: BY_HAND, until: SOCKET },
  { page: "README.md", command: "docker-credential-regclient", as: "docker-credential-regclient version" },
  { page: "docs/architecture.md", command: "docker-credential-regclient", as: "docker-credential-regclient version" },
  {
    page: "docs/cli.md",
    command: "docker-credential-regclient get",
    host: "enrolled",
    stdin: "devregistry:443",
    then: (stage, output) => expect(JSON.parse(output)).toMatchObject({ Username: "xl", Secret: stage.password() }),
  },
  {
    page: "docs/cli.md",
    command: "docker-credential-regclient list",
    host: "enrolled",
    then: (_stage, output) => expect(JSON.parse(output)).toMatchObject({ "devregistry:443": "xl" }),
  },
  {
    page: "docs/cli.md",
    command: "docker-credential-regclient store",
    host: "enrolled",
    stdin: '{"ServerURL":"devregistry:443","Username":"xl","Secret":"of another day"}',
  },
  { page: "docs/cli.md", command: "docker-credential-regclient erase", host: "enrolled", stdin: "devregistry:443" },
  { page: "docs/dependencies.md", command: "scripts/devregistry", as: "scripts/devregistry --help", cwd: checkout },
  // no registry of this name is in the lab, and doctor says so
  { page: "docs/doctor.md", command: "regclient doctor reg.example.com:5000", exit: 5 },
  { page: "docs/doctor.md", command: "npm run findings-docs", group: "checkout" },
  {
    page: "docs/verification.md",
    command: "regclient explain -",
    stdin: "x509: certificate signed by unknown authority\n",
    then: (_stage, output) => expect(output).toMatch(/RC-[A-Z]{3}-\d{3}/),
  },
  {
    page: "docs/verification.md",
    command: "regclient verify --report junit=verify.xml --report html=verify.html --report json=verify.json",
    then: ({ client }) => {
      for (const [name, begin] of [
        ["xml", "<?xml"],
        ["html", "<!doctype html>"],
        ["json", "{"],
      ] as const)
        expect(
          readFileSync(client.path(`/root/verify.${name}`), "utf8")
            .toLowerCase()
            .startsWith(begin),
        ).toBe(true);
    },
  },
  {
    page: "docs/enrollment.md",
    command: "openssl x509 -in server.crt -noout -fingerprint -sha256",
    at: "registry",
    then: expectFingerprint,
  },
  {
    page: "docs/enrollment.md",
    command: "regclient token create devregistry --address 10.10.62.103 --username xl > token",
    at: "registry",
    then: bringToken,
  },
  {
    page: "docs/enrollment.md",
    command: "regclient enroll devregistry … --client-cert /etc/pki/host1.pem --client-key /etc/pki/host1.key",
    prepare: makeClientPair,
  },
  {
    page: "docs/fleet.md",
    command: "regclient token create devregistry --address 10.10.62.103 --username xl --expires 30d",
    at: "registry",
    then: expectToken,
  },
  {
    page: "docs/fleet.md",
    command: "regclient --root /mnt/image enroll devregistry --token-file token --no-verify",
    prepare: makeImage,
    then: ({ client }) =>
      expect(readFileSync(client.path("/mnt/image/etc/docker/certs.d/devregistry:443/ca.crt"), "utf8")).toContain(
        "BEGIN CERTIFICATE",
      ),
  },
  {
    page: "docs/fleet.md",
    command: "systemctl --root=/mnt/image enable regclient.socket regclient.service regclient-verify.timer",
    prepare: ({ client }) =>
      cpSync(join(checkout, "systemd"), client.path("/mnt/image/usr/lib/systemd/system"), { recursive: true }),
  },
  { page: "docs/metrics.md", command: "regclient daemon", as: BY_HAND, until: SOCKET },
  {
    page: "docs/metrics.md",
    command: "regclient daemon --socket /run/regclient/credentials.sock --metrics-listen 127.0.0.1:9687",
    until: SOCKET,
  },
  {
    page: "docs/metrics.md",
    command:
      "regclient daemon --socket /run/regclient/credentials.sock --metrics-listen unix:/run/regclient/metrics.sock",
    until: "/run/regclient/metrics.sock",
  },
  {
    page: "docs/metrics.md",
    command: `regclient daemon --socket /run/regclient/credentials.sock --metrics-textfile ${METRICS}/regclient.prom`,
    prepare: ({ client }) => void mkdirSync(client.path(METRICS), { recursive: true }),
    until: `${METRICS}/regclient.prom`,
  },
  {
    page: "docs/metrics.md",
    command: "systemctl edit regclient.service",
    group: "machine",
    prepare: writeEditor,
    as: "SYSTEMD_EDITOR=/root/editor systemctl edit regclient.service",
    then: restartWithMetrics,
  },
  {
    page: "docs/metrics.md",
    command: "curl --unix-socket /run/regclient/metrics.sock http://localhost/metrics",
    beside: {
      command:
        "regclient daemon --socket /run/regclient/credentials.sock --metrics-listen unix:/run/regclient/metrics.sock",
      until: "/run/regclient/metrics.sock",
    },
    then: (_stage, output) => expect(output).toContain("regclient_build_info{"),
  },
  {
    page: "docs/rotation.md",
    command: "openssl x509 -in server.crt -noout -fingerprint -sha256",
    at: "registry",
    then: expectFingerprint,
  },
  { page: "docs/rotation.md", command: "regclient enroll NAME", host: "enrolled" },
  { page: "docs/rotation.md", command: "regclient trust accept NAME sha256:…", prepare: letOneWait },
  { page: "docs/rotation.md", command: "regclient trust reject NAME sha256:…", prepare: letOneWait },
  { page: "docs/rotation.md", command: "regclient enroll NAME --fingerprint …", host: "enrolled" },
  {
    page: "docs/devregistry.md",
    command: "scripts/devregistry",
    at: "registry",
    as: "scripts/devregistry --help",
    cwd: checkout,
  },
  { page: "docs/devregistry.md", command: "sudo apt-get install docker-registry nginx", at: "registry", stdin: "y\n" },
  {
    page: "docs/devregistry.md",
    command: "sudo scripts/devregistry up --address 10.10.62.103 --username xl",
    at: "registry",
    cwd: checkout,
    then: (stage, output) => {
      const [, password = ""] = /password[^:]*: *(\S+)/i.exec(output) ?? [];
      stage.learn(password);
      const line = `regclient enroll devregistry --address 10.10.62.103 --fingerprint ${stage.fingerprint()} --username xl`;
      expect(output.trim().split("\n").at(-1)?.trim()).toBe(line);
    },
  },
  {
    page: "docs/devregistry.md",
    command: "scripts/devregistry up --https-port 8443 --registry-port 5001",
    at: "registry",
    cwd: checkout,
    user: "someone",
    prepare: async ({ registry }) => void (await registry.type("useradd --create-home someone")),
  },
  ...["--same-key", "--announce", "--activate", ""].map((option): CommandRow => ({
    page: "docs/devregistry.md",
    command: `scripts/devregistry rotate ${option}`.trim(),
    at: "registry",
    cwd: checkout,
    // each is a step that hosts follow, but the last
    ...(option === "--announce" ? { prepare: reconcile } : {}),
  })),
  // the new certificate and key of the line before wait for a person, as the page says
  { page: "docs/devregistry.md", command: "regclient reconcile", exit: 3 },
  {
    page: "docs/daemon.md",
    command: "regclient daemon",
    as: "systemctl is-active regclient.service",
    prepare: startUnits,
  },
  { page: "docs/daemon.md", command: "regclient daemon --socket PATH", until: "/run/regclient-of-a-person.sock" },
  { page: "docs/daemon.md", command: "systemctl start regclient-verify.service", host: "enrolled" },
  {
    page: "docs/install.md",
    command: "scripts/package",
    group: "checkout",
    // a quick one: the code cache and the compression take a minute
    as: `scripts/package --fast --out ${PACKAGES}`,
  },
  { page: "docs/install.md", command: "sha256sum --check --ignore-missing SHA256SUMS" },
  {
    page: "docs/install.md",
    command: "apt install ./regclient_VERSION_amd64.deb",
    stdin: "y\n",
    prepare: async ({ client }) => {
      await client.type("regclient unenroll devregistry; apt-get --yes purge regclient");
    },
  },
  {
    page: "docs/install.md",
    command: "systemctl mask regclient.service regclient.socket regclient-verify.timer",
    then: async ({ client }) => {
      expect(
        await client.type("systemctl unmask regclient.service regclient.socket regclient-verify.timer"),
      ).toMatchObject({ code: 0 });
    },
  },
  { page: "docs/install.md", command: "apt install ./regclient_NEWER_amd64.deb", stdin: "y\n" },
  { page: "docs/install.md", command: "apt purge regclient", stdin: "y\n" },
  { page: "docs/install.md", command: "docker-credential-regclient", as: "docker-credential-regclient version" },
  // the shells make these directories
  ...[
    "bash > /etc/bash_completion.d/regclient",
    "zsh > /usr/local/share/zsh/site-functions/_regclient",
    "fish > ~/.config/fish/completions/regclient.fish",
  ].map((rest): CommandRow => ({
    page: "docs/install.md",
    command: `regclient completion ${rest}`,
    prepare: async ({ client }) => {
      await client.type(
        "mkdir --parents /etc/bash_completion.d /usr/local/share/zsh/site-functions ~/.config/fish/completions",
      );
    },
  })),
  { page: "docs/lab.md", command: "scripts/devregistry", as: "scripts/devregistry --help" },
  // the names of the tests, as they would start themselves otherwise
  {
    page: "docs/lab.md",
    command: `sudo env PATH="$PWD/node_modules/.bin:$PATH" vitest run --project 'lab*'`,
    as: `sudo env PATH="$PWD/node_modules/.bin:$PATH" vitest list --filesOnly --project 'lab*'`,
    then: (_stage, output) => expect(output).toContain("test/lab/docs-commands.test.ts"),
  },
  {
    page: "docs/lab.md",
    command: "sudo env UPDATE=1 PATH=… vitest run --project lab test/lab/compatibility.test.ts",
    as: "sudo env UPDATE=1 PATH=… vitest list --filesOnly --project lab test/lab/compatibility.test.ts",
    then: (_stage, output) => expect(output).toContain("test/lab/compatibility.test.ts"),
  },
  ...["sudo nsenter -t PID -a", "sudo nsenter -t PID -m -n -p -u -i bash"].map((command): CommandRow => ({
    page: "docs/lab.md",
    command,
    at: "outside",
    stdin: "cat /etc/hostname\n",
    then: (_stage, output) => expect(output).toBe("client1\n"),
  })),
];

const MEASURES = "it measures for minutes on a quiet machine, and writes a page of the documentation";

export const NOT_RUN: readonly LeftOut[] = [
  { page: "README.md", command: "scripts/test", why: "it would start this test" },
  { page: "CONTRIBUTING.md", command: "scripts/test", why: "it would start this test" },
  {
    page: "CONTRIBUTING.md",
    command: "scripts/test --unit",
    why: "all other tests, for minutes; what it starts is run before this",
  },
  { page: "CONTRIBUTING.md", command: "scripts/bench", why: MEASURES },
  { page: "CONTRIBUTING.md", command: "scripts/simulate-fleet", why: MEASURES },
  { page: "docs/performance.md", command: "scripts/bench", why: MEASURES },
  { page: "docs/fleet.md", command: "scripts/simulate-fleet", why: MEASURES },
  {
    page: "packaging/Containerfile",
    command: "scripts/package && podman build -t regclient -f packaging/Containerfile build",
    why: "needs an image of Docker Hub, and the lab has no way out; test/lab/daemonset.test.ts runs the program as the container would",
  },
  {
    page: "packaging/Containerfile",
    command: "podman run --rm -it --network host -v /:/host regclient --root /host enroll NAME …",
    why: "needs the image above; test/lab/daemonset.test.ts runs the program as the container would",
  },
];

function expectToken(_stage: Stage, output: string): void {
  expect(output.trim().split("\n")).toHaveLength(1);
}

function expectFingerprint(stage: Stage, output: string): void {
  const hex = output.trim().split("=")[1]?.replaceAll(":", "").toLowerCase();
  expect(`sha256:${hex}`).toBe(stage.fingerprint());
}

function bringToken({ client, registry }: Stage): void {
  cpSync(registry.path("/root/token"), client.path("/root/token"));
}

async function makeClientPair({ client }: Stage): Promise<void> {
  const make = "openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=host1 -addext extendedKeyUsage=clientAuth";
  const made = await client.type(
    `mkdir --parents /etc/pki && ${make} -keyout /etc/pki/host1.key -out /etc/pki/host1.pem`,
  );
  expect(made).toMatchObject({ code: 0 });
}

/** A tree to be an image, and a token without a user. */
async function makeImage(stage: Stage): Promise<void> {
  const made = await stage.registry.type("regclient token create devregistry --address 10.10.62.103 > token");
  expect(made).toMatchObject({ code: 0 });
  bringToken(stage);
  for (const folder of ["etc", "run", "var/lib"])
    mkdirSync(stage.client.path(`/mnt/image/${folder}`), { recursive: true });
  writeFileSync(stage.client.path("/mnt/image/etc/hosts"), "127.0.0.1 localhost\n");
}

/** The registry serves another certificate that nobody has announced. */
async function letOneWait(stage: Stage): Promise<void> {
  expect(await stage.registry.type(`${checkout}/scripts/devregistry rotate`)).toMatchObject({ code: 0 });
  expect(await stage.client.type("regclient reconcile")).toMatchObject({ code: 3 });
}

async function reconcile({ client }: Stage): Promise<void> {
  expect(await client.type("regclient reconcile")).toMatchObject({ code: 0 });
}

async function startUnits({ client }: Stage): Promise<void> {
  expect(await client.type("systemctl start regclient.socket regclient.service")).toMatchObject({ code: 0 });
}

/** An editor that types the page's first drop-in. */
function writeEditor({ client }: Stage): void {
  const dropIn =
    readBlocks("docs/metrics.md")
      .find(({ language }) => language === "ini")
      ?.lines.join("\n") ?? "";
  writeFileSync(client.path("/root/drop-in"), `${dropIn}\n`);
  writeFileSync(client.path("/root/editor"), '#!/bin/sh\ncat /root/drop-in >"$1"\n', { mode: 0o755 });
  mkdirSync(client.path(METRICS), { recursive: true });
}

async function restartWithMetrics({ client }: Stage): Promise<void> {
  expect(await client.type("systemctl restart regclient.service")).toMatchObject({ code: 0 });
  await client.waitFor(`${METRICS}/regclient.prom`);
  expect(await client.type("systemctl revert regclient.service && systemctl restart regclient.service")).toMatchObject({
    code: 0,
  });
}
