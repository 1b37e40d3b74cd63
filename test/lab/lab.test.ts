import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { diffTrees, requireLab, startLab, type CommandOptions, type Lab, type LabHost } from "./lab.ts";
import { expectNothingLeft } from "./support/abandoned.ts";
import { checkout } from "./support/holder.ts";
import { findRemains, readNamespaces } from "./support/namespaces.ts";
import { listLabFaults } from "./support/requirements.ts";

requireLab();

/** Runs `argv` and gives its stdout; fails the test when the command fails. */
async function must(host: LabHost, argv: readonly string[], options?: CommandOptions): Promise<string> {
  const { code, stdout, stderr } = await host.run(argv, options);
  expect({ argv, code, stderr: code === 0 ? "" : stderr }).toEqual({ argv, code: 0, stderr: "" });
  return stdout;
}

describe("the work that regclient takes over, by hand", () => {
  test("ca.crt, alias, login, push and pull through a real dockerd", async () => {
    await using lab = await startLab();
    const { registry, client } = lab;
    // Before dockerd starts: Go reads /etc/hosts again only after 5 s.
    const hosts = readFileSync(client.path("/etc/hosts"), "utf8");
    writeFileSync(client.path("/etc/hosts"), `${hosts}${registry.addresses.ipv4}\tdevregistry\n`);
    const [up] = await Promise.all([
      registry.devregistry(["up", "--address", registry.addresses.ipv4, "--username", "xl", "--password-stdin"], {
        stdin: "by hand\n",
      }),
      client.startDockerd(),
    ]);
    expect(up).toMatchObject({ code: 0 });
    const login = ["docker", "login", "--username", "xl", "--password-stdin", "devregistry:443"];

    const untrusted = await client.run(login, { stdin: "by hand" });
    expect(untrusted.code).not.toBe(0);
    expect(untrusted.stderr).toContain("x509: certificate signed by unknown authority");

    await must(client, ["mkdir", "-p", "/etc/docker/certs.d/devregistry:443"]);
    const certificate = readFileSync(registry.path("/var/lib/devregistry/public/trust.pem"));
    writeFileSync(client.path("/etc/docker/certs.d/devregistry:443/ca.crt"), certificate);
    expect(await must(client, login, { stdin: "by hand" })).toContain("Login Succeeded");

    const image = "devregistry:443/lab/hello:1";
    await must(client, ["sh", "-c", `echo hello >greeting && tar -c greeting | docker import - ${image}`]);
    const pushed = await must(client, ["docker", "push", image]);
    const digest = /digest: (sha256:[0-9a-f]{64})/.exec(pushed)?.[1];
    expect(digest).toBeDefined();
    await must(client, ["docker", "image", "rm", image]);
    expect(await must(client, ["docker", "pull", image])).toContain(digest);
    expect(await must(client, ["docker", "image", "ls", "--quiet", image])).not.toBe("");
    await client.stopDockerd();
  });
});

describe("a host", () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await startLab({ clients: 2 });
  });
  afterAll(async () => {
    await lab[Symbol.asyncDispose]();
  });

  test("reaches the other hosts by both families, and nothing else", async () => {
    const server = await lab.registry.start(["docker-registry", "serve", "/registry.yml"], {
      stdin: await must(lab.registry, ["sh", "-c", "cat >/registry.yml"], {
        stdin: 'version: 0.1\nstorage: {inmemory: {}}\nhttp: {addr: ":5000"}\n',
      }),
    });
    for (const address of ["10.10.62.103", "[fd00:62::103]"])
      for (const client of lab.clients) {
        const ask = ["curl", "--silent", "--retry", "20", "--retry-connrefused", "--retry-delay", "1"];
        expect(await must(client, [...ask, `http://${address}:5000/v2/`])).toBe("{}");
      }
    for (const elsewhere of ["192.0.2.1", "2001:db8::1"]) {
      const { code, stderr } = await lab.client.run(["ip", "route", "get", elsewhere]);
      expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining("unreachable") });
    }
    await lab.setCable(lab.registry, "down");
    const cut = await lab.client.run(["curl", "--silent", "--max-time", "1", "http://10.10.62.103:5000/v2/"]);
    expect(cut.code).toBe(28);
    await lab.setCable(lab.registry, "up");
    await must(lab.client, ["curl", "--silent", "--max-time", "20", "http://10.10.62.103:5000/v2/"]);
    expect(await server.stop()).toMatchObject({ stdout: expect.any(String) });
  });

  test("gives nothing of the test's environment to its commands", async () => {
    expect((await must(lab.client, ["env"])).trim().split("\n").sort()).toEqual([
      "HOME=/root",
      "LANG=C.UTF-8",
      "LOGNAME=root",
      expect.stringMatching(/^PATH=/),
      "USER=root",
    ]);
    const more = { env: { REGCLIENT_TEST: "1" }, cwd: "/etc", stdin: "from here" };
    expect(await must(lab.client, ["sh", "-c", "echo $REGCLIENT_TEST $PWD; cat"], more)).toBe("1 /etc\nfrom here");
  });

  test("runs commands as another user", async () => {
    expect(await must(lab.client, ["sh", "-c", "id -un; id -gn; echo $HOME"], { user: "daemon", cwd: "/" })).toBe(
      "daemon\ndaemon\n/usr/sbin\n",
    );
    await expect(lab.client.run(["true"], { user: "nobody-knows" })).rejects.toThrow("no user nobody-knows");
  });

  test("ends commands that overstay, with what they started", async () => {
    const late = await lab.client.run(["sh", "-c", "sleep 4711 & sleep 4711"], { timeoutMs: 200 });
    expect(late).toMatchObject({ code: null, signal: "SIGKILL" });
    expect(await lab.client.run(["pgrep", "-f", "sleep 4711"])).toMatchObject({ code: 1, stdout: "" });
  });

  test("says how a stopped command ended, and what it wrote", async () => {
    const running = await lab.client.start([
      "sh",
      "-c",
      "trap 'echo bye; exit 7' TERM; echo up; while :; do sleep 0.1; done",
    ]);
    await expect.poll(running.output).toBe("up\n");
    expect(await running.stop()).toMatchObject({ code: 7, signal: null, stdout: "up\nbye\n" });
    const plain = await lab.client.start(["sleep", "60"]);
    expect(await plain.stop()).toMatchObject({ code: null, signal: "SIGTERM" });
  });

  test("sees the checkout, and cannot change it", async () => {
    const { code, stderr } = await lab.client.run(["touch", join(checkout, "package.json")]);
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining("Read-only file system") });
  });

  test("keeps its own files from the other hosts and from the machine", async () => {
    await must(lab.client, ["sh", "-c", "echo mine >/etc/regclient-lab; echo mine >/tmp/regclient-lab"]);
    for (const path of ["/etc/regclient-lab", "/tmp/regclient-lab"]) {
      expect(readFileSync(lab.client.path(path), "utf8")).toBe("mine\n");
      expect(() => readFileSync(lab.registry.path(path))).toThrow("ENOENT");
      expect(() => readFileSync(path)).toThrow("ENOENT");
    }
  });

  test("has an unlocked keyring when asked to", async () => {
    const keyring = await lab.client.startKeyring("open sesame");
    const script = `
      const { default: keytar } = await import("keytar");
      await keytar.setPassword("regclient-lab", "xl", "kept");
      console.log(await keytar.getPassword("regclient-lab", "xl"));`;
    const node = [join(checkout, "node_modules/.bin/node"), "--input-type=module", "--eval", script];
    expect(await must(lab.client, node, { cwd: checkout, env: keyring.env })).toBe("kept\n");
    await keyring.stop();
  });
});

describe("hashTree", () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await startLab();
  });
  afterAll(async () => {
    await lab[Symbol.asyncDispose]();
  });

  const nothing = { added: [], removed: [], changed: [] };
  const cases: readonly (readonly [string, string, string, object])[] = [
    [
      "one byte",
      "printf X | dd of=/etc/hosts bs=1 conv=notrunc",
      "printf 1 | dd of=/etc/hosts bs=1 conv=notrunc",
      { changed: ["/etc/hosts"] },
    ],
    [
      "one byte of a file of the machine",
      "echo '#' >>/etc/services",
      "truncate -s -2 /etc/services",
      { changed: ["/etc/services"] },
    ],
    ["the mode", "chmod 600 /etc/hosts", "chmod 644 /etc/hosts", { changed: ["/etc/hosts"] }],
    ["the owner", "chown 1 /etc/hosts", "chown 0 /etc/hosts", { changed: ["/etc/hosts"] }],
    ["a new file in the home", "echo >/root/.new", "rm /root/.new", { added: ["/root/.new"] }],
    [
      "a new folder with a file",
      "mkdir -p /etc/docker/certs.d/r; echo >/etc/docker/certs.d/r/ca.crt",
      "rm -r /etc/docker/certs.d",
      { added: ["/etc/docker/certs.d", "/etc/docker/certs.d/r", "/etc/docker/certs.d/r/ca.crt"] },
    ],
    [
      "a removed file of the machine",
      "mv /etc/services /tmp/kept",
      "mv /tmp/kept /etc/services",
      { removed: ["/etc/services"] },
    ],
    [
      "a removed file of the host",
      "mv /etc/hostname /tmp/kept",
      "mv /tmp/kept /etc/hostname",
      { removed: ["/etc/hostname"] },
    ],
    ["a link's target", "ln -s a /etc/l", "rm /etc/l", { added: ["/etc/l"] }],
    [
      "a renamed folder of the machine",
      "mv /etc/apt/apt.conf.d /etc/apt/other.d",
      "mv /etc/apt/other.d /etc/apt/apt.conf.d",
      { removed: ["/etc/apt/apt.conf.d"], added: expect.arrayContaining(["/etc/apt/other.d"]) },
    ],
    ["nothing persistent", "echo >/tmp/x; echo >/run/x; echo >/var/lib/docker/x", "true", {}],
    [
      "nothing after a rename over /etc/hosts with the same bytes",
      "cp -p /etc/hosts /etc/h; mv /etc/h /etc/hosts",
      "true",
      {},
    ],
  ];
  test.each(cases)("finds %s, and that it was undone", async (_, change, undo, expected) => {
    const before = await lab.client.hashTree();
    await must(lab.client, ["sh", "-ec", change]);
    expect(diffTrees(before, await lab.client.hashTree())).toEqual({ ...nothing, ...expected });
    await must(lab.client, ["sh", "-ec", undo]);
    expect(diffTrees(before, await lab.client.hashTree())).toEqual(nothing);
  });
});

describe("/etc/hosts", () => {
  test("can be a bind mount, which cannot be renamed over but is seen by hashTree", async () => {
    await using lab = await startLab({ hostsBindMount: true });
    const before = await lab.client.hashTree();
    const renamed = await lab.client.run(["mv", "--no-copy", "/etc/hostname", "/etc/hosts"]);
    const plain = renamed.stderr.includes("unrecognized option") ? await rename(lab.client) : renamed;
    expect(plain.stderr).toContain("busy");
    await must(lab.client, ["sh", "-c", "echo >>/etc/hosts"]);
    expect(diffTrees(before, await lab.client.hashTree()).changed).toEqual(["/etc/hosts"]);
  });
});

/** rename(2) itself: older mv falls back to copying. */
async function rename(host: LabHost): Promise<{ readonly stderr: string }> {
  const script = `require("node:fs").renameSync("/etc/hostname", "/etc/hosts")`;
  return await host.run([join(checkout, "node_modules/.bin/node"), "--eval", script]);
}

/** A container of this machine's own programs that goes on running. */
const runContainer = `
  for path in $(ldd /usr/bin/sleep | grep -o '/[^ ]*') /usr/bin/sleep; do install -D $path /tmp/image$path; done
  tar -c -C /tmp/image . | docker import - sleeper:1
  docker run --detach --network none sleeper:1 /usr/bin/sleep 1000`;

describe("what is left", () => {
  test("nothing, after the lab is disposed of", async () => {
    const lab = await startLab({ clients: 2 });
    const namespaces = [lab.registry, ...lab.clients].flatMap(({ holderPid }) => readNamespaces(holderPid));
    await Promise.all([lab.client.startDockerd(), lab.registry.devregistry(["up", "--address", "10.10.62.103"])]);
    await lab.client.start(["sh", "-c", "setsid sleep 1000 & setsid sleep 1000"]);
    await must(lab.client, ["sh", "-c", runContainer]);
    expect(findRemains(namespaces, process.pid)).not.toEqual([]);
    await lab[Symbol.asyncDispose]();
    expect(findRemains(namespaces, process.pid)).toEqual([]);
  });

  test.each(["SIGKILL", "SIGTERM", "SIGINT"] as const)("nothing that runs, after %s to the test", async (signal) => {
    await expectNothingLeft("abandoned-lab.ts", [], signal);
  });

  test("of two labs at once, the one that lives", async () => {
    await using lab = await startLab();
    {
      await using other = await startLab();
      await must(other.client, ["sh", "-c", "echo other >/etc/name"]);
    }
    expect(await lab.client.run(["cat", "/etc/name"])).toMatchObject({ code: 1 });
  });
});

describe("a machine that cannot run the lab", () => {
  test.each([
    [{ platform: "darwin", uid: 0, path: "" }, ["it needs Linux"]],
    [{ platform: "linux", uid: 1000, path: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin" }, ["it needs root"]],
    [
      { platform: "linux", uid: 0, path: "/nowhere" },
      [/missing programs: .*dockerd.*nginx/, /apt-get install util-linux iproute2 docker.io .*docker-registry nginx/],
    ],
  ])("%o is told why", (machine, expected) => {
    const faults = listLabFaults(machine);
    expect(faults).toEqual(
      expected.map((one) => (typeof one === "string" ? expect.stringContaining(one) : expect.stringMatching(one))),
    );
  });
});
