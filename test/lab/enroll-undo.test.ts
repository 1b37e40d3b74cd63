import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { requireLab } from "./lab.ts";
import { bringUp, expectUntouched, login, loginArgs, startClientLab, type ClientLab } from "./support/client-lab.ts";

requireLab();

const hosts = "/etc/hosts";
const config = "/root/.docker/config.json";
const certificate = "/etc/docker/certs.d/devregistry:443/ca.crt";
const plainHosts = "127.0.0.1\tlocalhost\n::1\tlocalhost\n";
const second = ["--data", "/var/lib/second"];

interface StartingPoint {
  readonly path: string;
  readonly text: string;
  readonly mode?: number;
  /** The file may be of another user. */
  readonly uid?: number;
}

const startingPoints: readonly (readonly [string, StartingPoint])[] = [
  ["hosts: no new line at the end", { path: hosts, text: "127.0.0.1 localhost\n# mine\n10.9.9.9 box" }],
  ["hosts: CRLF", { path: hosts, text: "127.0.0.1 localhost\r\n\r\n10.9.9.9 box # a box\r\n" }],
  ["hosts: CRLF, none at the end", { path: hosts, text: "127.0.0.1 localhost\r\n10.9.9.9 box" }],
  ["hosts: only comments, odd mode", { path: hosts, text: "# by hand\n\n\n", mode: 0o664 }],
  ["hosts: bytes that are no UTF-8", { path: hosts, text: "127.0.0.1 localhost # caf\u00e9\n" }],
  ["hosts: of another user", { path: hosts, text: plainHosts, uid: 1 }],
  ["hosts: the alias, by hand", { path: hosts, text: `${plainHosts}10.10.62.103 devregistry\n` }],
  ["config: empty", { path: config, text: "" }],
  ["config: an empty object", { path: config, text: "{ }" }],
  ["config: a login, oddly laid out", { path: config, text: '{"auths":\n\n  { "r.test" : {"auth":"eDp5"} } }\n\n' }],
  ["config: helpers of others", { path: config, text: '{\n "credHelpers":{"r.test":"pass"},\n "x": [1,\t2]}' }],
  ["config: on one line, world-readable", { path: config, text: '{"psFormat":"{{.ID}}"}', mode: 0o644 }],
  ["config: CRLF", { path: config, text: '{\r\n    "detachKeys": "ctrl-q"\r\n}\r\n' }],
  ["ca.crt: the same bytes", { path: certificate, text: "SAME" }],
  ["ca.crt: somebody else's", { path: certificate, text: "not one\n", mode: 0o644, uid: 1 }],
];

describe.each([{ hostsBindMount: false }, { hostsBindMount: true }])("on a host with %o", (options) => {
  let lab: ClientLab;
  beforeAll(async () => {
    lab = await startClientLab(options);
    await bringUp(lab, ["--alias", "other", "--https-port", "8443", "--registry-port", "5001"], second);
  });
  afterAll(() => lab[Symbol.asyncDispose]());
  beforeEach(() => writeFileSync(lab.client.path(hosts), plainHosts));

  const must = async (args: readonly string[], stdin = ""): Promise<string> => {
    const { code, stdout, stderr } = await lab.regclient(args, { stdin });
    expect({ args, code, stderr: code === 0 ? "" : stderr }).toEqual({ args, code: 0, stderr: "" });
    return stdout;
  };
  const place = ({ path, text, mode, uid }: StartingPoint): void => {
    const real = lab.client.path(path);
    mkdirSync(dirname(real), { recursive: true });
    // a mount point can only be written in place
    writeFileSync(real, text, "latin1");
    if (uid !== undefined) chownSync(real, uid, uid);
    if (mode !== undefined) chmodSync(real, mode);
  };
  const enrollOther = async (): Promise<string> => {
    const { stdout } = await lab.registry.devregistry(["fingerprint", ...second]);
    const args = ["enroll", "other:8443", "--address", "10.10.62.103", ...loginArgs(stdout.trim()), "--no-verify"];
    return must(args, login.password);
  };
  const read = (path: string): string => readFileSync(lab.client.path(path), "utf8");

  const rows = startingPoints.filter(([, { path }]) => path === hosts || !options.hostsBindMount);
  test.each(rows)("enroll and unenroll leave no trace: %s", async (_, start) => {
    const served = readFileSync(lab.registry.path("/var/lib/devregistry/public/trust.pem"), "utf8");
    place({ ...start, text: start.text === "SAME" ? served : start.text });
    const before = await lab.client.hashTree();
    const enrolled = await lab.enroll(["--no-verify", "--replace"]);
    expect(enrolled).toMatchObject({ code: 0 });
    expect(read(hosts)).toMatch(/^10\.10\.62\.103\s+devregistry\b/m);
    expect(read(certificate)).toContain("BEGIN CERTIFICATE");
    expect(read(config)).toContain("regclient");
    await must(["unenroll", "devregistry"]);
    await expectUntouched(lab.client, before);
    if (start.path === certificate) rmSync(lab.client.path("/etc/docker/certs.d"), { recursive: true });
    rmSync(lab.client.path("/root/.docker"), { recursive: true, force: true });
    chownSync(lab.client.path(hosts), 0, 0);
    chmodSync(lab.client.path(hosts), 0o644);
  });

  test("a replaced ca.crt comes back also after drift was healed", async () => {
    place({ path: certificate, text: "somebody else's\n", mode: 0o644 });
    const before = await lab.client.hashTree();
    expect(await lab.enroll(["--no-verify", "--replace"])).toMatchObject({ code: 0 });
    for (const drift of ["drift\n", undefined]) {
      if (drift === undefined) rmSync(lab.client.path(certificate));
      else writeFileSync(lab.client.path(certificate), drift);
      await must(["reconcile"]);
      expect(read(certificate)).toContain("BEGIN CERTIFICATE");
    }
    await must(["unenroll", "devregistry"]);
    await expectUntouched(lab.client, before);
    rmSync(lab.client.path("/etc/docker/certs.d"), { recursive: true });
  });

  test("drift that was healed is not what unenroll brings back", async () => {
    const before = await lab.client.hashTree();
    expect(await lab.enroll(["--no-verify"])).toMatchObject({ code: 0 });
    writeFileSync(lab.client.path(certificate), `${read(certificate)}\n# and one more of mine\n`);
    writeFileSync(lab.client.path(hosts), read(hosts).replace(/^10\.10.*\n/m, ""));
    await must(["reconcile"]);
    await must(["unenroll", "devregistry"]);
    await expectUntouched(lab.client, before);
  });

  test("an edit of somebody else stays, ours goes", async () => {
    const before = await lab.client.hashTree();
    expect(await lab.enroll(["--no-verify"])).toMatchObject({ code: 0 });
    writeFileSync(lab.client.path(hosts), `${read(hosts)}10.9.9.9 added\n`);
    writeFileSync(lab.client.path(config), read(config).replace("{", '{\n\t"detachKeys": "ctrl-q",'));
    await must(["unenroll", "devregistry"]);
    expect(read(hosts)).toBe(`${plainHosts}10.9.9.9 added\n`);
    expect(JSON.parse(read(config))).toEqual({ detachKeys: "ctrl-q" });
    writeFileSync(lab.client.path(hosts), plainHosts);
    rmSync(lab.client.path("/root/.docker"), { recursive: true });
    await expectUntouched(lab.client, before);
  });

  test.each([
    ["the first first", ["devregistry", "other:8443"]],
    ["the last first", ["other:8443", "devregistry"]],
  ])("two registries share files and leave none: %s", async (_, order) => {
    place({ path: hosts, text: "127.0.0.1 localhost\n# no new line at the end" });
    place({ path: config, text: '{"auths":{"r.test":{"auth":"eDp5"}}}', mode: 0o600 });
    const before = await lab.client.hashTree();
    expect(await lab.enroll(["--no-verify"])).toMatchObject({ code: 0 });
    const one = await lab.client.hashTree();
    await enrollOther();
    expect(await must(["reconcile"])).toBe("devregistry: as declared\nother:8443: as declared\n");
    await must(["unenroll", `${order[0]}`]);
    if (order[0] === "other:8443") {
      const two = await lab.client.hashTree();
      for (const path of [hosts, config, certificate]) expect(two.get(path)).toBe(one.get(path));
    }
    await must(["verify", "--via", "direct"]);
    await must(["unenroll", `${order[1]}`]);
    await expectUntouched(lab.client, before);
    rmSync(lab.client.path("/root/.docker"), { recursive: true });
  });
});

describe("on a host whose files are links", () => {
  test("what they lead to is edited and put back; the links stay", async () => {
    await using lab = await startClientLab();
    const { client } = lab;
    for (const folder of ["/etc/own", "/root/.docker"]) mkdirSync(client.path(folder));
    for (const [from, to, text] of [
      [hosts, "own/hosts", plainHosts],
      [config, "/etc/own/config.json", "{}\n"],
    ] as const) {
      writeFileSync(client.path(to.startsWith("/") ? to : `/etc/${to}`), text);
      rmSync(client.path(from), { force: true });
      symlinkSync(to, client.path(from));
    }
    const before = await client.hashTree();
    expect(await lab.enroll()).toMatchObject({ code: 0 });
    expect(readlinkSync(client.path(hosts))).toBe("own/hosts");
    expect(lstatSync(client.path(config)).isSymbolicLink()).toBe(true);
    expect(readFileSync(client.path("/etc/own/hosts"), "utf8")).toContain("10.10.62.103\tdevregistry");
    expect(readFileSync(client.path("/etc/own/config.json"), "utf8")).toContain("regclient");
    expect(await lab.regclient(["unenroll", "devregistry"])).toMatchObject({ code: 0 });
    await expectUntouched(client, before);
  });
});
