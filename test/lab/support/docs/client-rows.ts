import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { checkout } from "../holder.ts";
import type { CommandRow } from "./row.ts";
import type { Stage } from "./stage.ts";

const SOCKET = "/run/regclient/credentials.sock";
const BY_HAND = `regclient daemon --socket ${SOCKET}`;
const METRICS = "/var/lib/prometheus/node-exporter";

/** Of pages about a client host. */
export const clientRows: readonly CommandRow[] = [
  { page: "README.md", command: "apt install ./regclient_VERSION_amd64.deb", group: "machine", stdin: "y\n" },
  { page: "README.md", command: "scripts/demo", group: "checkout" },
  { page: "README.md", command: "scripts/setup", group: "checkout" },
  { page: "README.md", command: "scripts/devregistry up", at: "registry", cwd: checkout },
  { page: "README.md", command: "regclient token create NAME …", at: "registry", check: expectToken },
  // the socket is what systemd would pass
  { page: "README.md", command: "regclient daemon", as: BY_HAND, until: SOCKET },
  {
    page: "docs/cli.md",
    command: "docker-credential-regclient get",
    host: "enrolled",
    stdin: "devregistry:443",
    check: (stage, output) => expect(JSON.parse(output)).toMatchObject({ Username: "xl", Secret: stage.password() }),
  },
  {
    page: "docs/cli.md",
    command: "docker-credential-regclient list",
    host: "enrolled",
    check: (_stage, output) => expect(JSON.parse(output)).toMatchObject({ "devregistry:443": "xl" }),
  },
  {
    page: "docs/cli.md",
    command: "docker-credential-regclient store",
    host: "enrolled",
    stdin: '{"ServerURL":"devregistry:443","Username":"xl","Secret":"of another day"}',
  },
  { page: "docs/cli.md", command: "docker-credential-regclient erase", host: "enrolled", stdin: "devregistry:443" },
  // no registry of this name is in the lab, and doctor says so
  { page: "docs/doctor.md", command: "regclient doctor reg.example.com:5000", exit: 5 },
  { page: "docs/doctor.md", command: "npm run findings-docs", group: "checkout" },
  {
    page: "docs/verification.md",
    command: "regclient explain -",
    stdin: "x509: certificate signed by unknown authority\n",
    check: (_stage, output) => expect(output).toMatch(/RC-[A-Z]{3}-\d{3}/),
  },
  {
    page: "docs/verification.md",
    command: "regclient verify --report junit=verify.xml --report html=verify.html --report json=verify.json",
    check: ({ client }) => {
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
    check: expectFingerprint,
  },
  {
    page: "docs/enrollment.md",
    command: "regclient token create devregistry --address 10.10.62.103 --username xl > token",
    at: "registry",
    check: bringToken,
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
    check: expectToken,
  },
  {
    page: "docs/fleet.md",
    command: "regclient --root /mnt/image enroll devregistry --token-file token --no-verify",
    prepare: makeImage,
    check: ({ client }) =>
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
    command: "curl --unix-socket /run/regclient/metrics.sock http://localhost/metrics",
    beside: {
      command:
        "regclient daemon --socket /run/regclient/credentials.sock --metrics-listen unix:/run/regclient/metrics.sock",
      until: "/run/regclient/metrics.sock",
    },
    check: (_stage, output) => expect(output).toContain("regclient_build_info{"),
  },
  {
    page: "docs/rotation.md",
    command: "openssl x509 -in server.crt -noout -fingerprint -sha256",
    at: "registry",
    check: expectFingerprint,
  },
  { page: "docs/rotation.md", command: "regclient enroll NAME", host: "enrolled" },
  { page: "docs/rotation.md", command: "regclient trust accept NAME sha256:…", prepare: letOneWait },
  { page: "docs/rotation.md", command: "regclient trust reject NAME sha256:…", prepare: letOneWait },
  { page: "docs/rotation.md", command: "regclient enroll NAME --fingerprint …", host: "enrolled" },
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
