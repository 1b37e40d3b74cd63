import { mkdirSync, writeFileSync } from "node:fs";
import { expect } from "vitest";
import { readBlocks } from "../../../documentation/commands.ts";
import { checkout } from "../holder.ts";
import type { CommandRow } from "./row.ts";
import type { Stage } from "./stage.ts";

const METRICS = "/var/lib/prometheus/node-exporter";

/** Of a registry's host, a machine with systemd, and a checkout. */
export const hostRows: readonly CommandRow[] = [
  {
    page: "docs/metrics.md",
    command: "systemctl edit regclient.service",
    group: "machine",
    prepare: writeEditor,
    as: "SYSTEMD_EDITOR=/root/editor systemctl edit regclient.service",
    check: restartWithMetrics,
  },
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
    check: (stage, output) => {
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
    // it asks npm for the Node that goes into the package
    at: "outside",
    // a quick one: the code cache and the compression take a minute
    as: 'scripts/package --fast --out "$PACKAGES"',
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
    check: async ({ client }) => {
      expect(
        await client.type("systemctl unmask regclient.service regclient.socket regclient-verify.timer"),
      ).toMatchObject({ code: 0 });
    },
  },
  { page: "docs/install.md", command: "apt install ./regclient_NEWER_amd64.deb", stdin: "y\n" },
  { page: "docs/install.md", command: "apt purge regclient", stdin: "y\n" },
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
  // the names of the tests, as they would start themselves otherwise
  {
    page: "docs/lab.md",
    command: `sudo env PATH="$PWD/node_modules/.bin:$PATH" vitest run --project 'lab*'`,
    as: `sudo env PATH="$PWD/node_modules/.bin:$PATH" vitest list --filesOnly --project 'lab*'`,
    check: (_stage, output) => expect(output).toContain("test/lab/docs-commands.test.ts"),
  },
  {
    page: "docs/lab.md",
    command: "sudo env UPDATE=1 PATH=… vitest run --project lab test/lab/compatibility.test.ts",
    as: "sudo env UPDATE=1 PATH=… vitest list --filesOnly --project lab test/lab/compatibility.test.ts",
    check: (_stage, output) => expect(output).toContain("test/lab/compatibility.test.ts"),
  },
  ...["sudo nsenter -t PID -a", "sudo nsenter -t PID -m -n -p -u -i bash"].map((command): CommandRow => ({
    page: "docs/lab.md",
    command,
    at: "outside",
    stdin: "cat /etc/hostname\n",
    check: (_stage, output) => expect(output).toBe("client1\n"),
  })),
];

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
