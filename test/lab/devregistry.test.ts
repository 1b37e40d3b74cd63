import { X509Certificate } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { requireLab } from "./lab.ts";
import { checkout } from "./support/holder.ts";
import { addresses, data, startSeedLab, type SeedLab } from "./support/seed-lab.ts";

requireLab();

let seed: SeedLab;
beforeEach(async () => {
  seed = await startSeedLab();
});
afterEach(async () => {
  await seed[Symbol.asyncDispose]();
});

describe("up", () => {
  test("starts both, tells the line to paste, and does nothing the second time", async () => {
    const told = await seed.must(["up", ...addresses, "--username", "xl", "--password-stdin"], "secret\n");
    const fingerprint = (await seed.must(["fingerprint"])).trim();
    expect(told).toContain(
      `regclient enroll devregistry --address 10.10.62.103 --fingerprint ${fingerprint} --username xl\n`,
    );
    expect(told).not.toContain("secret");
    expect(await seed.readServed()).toBe(fingerprint);
    const before = seed.listPids();
    expect(await seed.must(["up"])).toContain("devregistry is up already");
    expect(seed.listPids()).toEqual(before);
  });

  test("makes a certificate that pins one server and is no CA", async () => {
    await seed.must(["up", ...addresses]);
    const certificate = new X509Certificate(readFileSync(seed.registry.path(`${data}/public/trust.pem`)));
    expect(certificate).toMatchObject({ ca: false, subject: "CN=devregistry", issuer: "CN=devregistry" });
    expect(certificate.subjectAltName).toBe(
      "DNS:devregistry, IP Address:10.10.62.103, IP Address:FD00:62:0:0:0:0:0:103",
    );
    expect(certificate.publicKey.asymmetricKeyDetails?.modulusLength).toBe(2048);
    const days = (Date.parse(certificate.validTo) - Date.parse(certificate.validFrom)) / 86_400_000;
    expect(days).toBe(397);
    const text = await seed.registry.run(["openssl", "x509", "-noout", "-text", "-in", `${data}/public/trust.pem`]);
    expect(text.stdout).toMatch(/Basic Constraints: critical\s+CA:FALSE/);
    expect(text.stdout).toMatch(/Key Usage: critical\s+Digital Signature, Key Encipherment\n/);
  });

  test("makes a certificate that Node, curl and podman take as their anchor", async () => {
    await seed.must(["up", ...addresses, "--username", "xl", "--password-stdin"], "secret\n");
    const folder = "/etc/containers/certs.d/devregistry:443";
    mkdirSync(seed.client.path(folder), { recursive: true });
    const pem = readFileSync(seed.registry.path(`${data}/public/trust.pem`));
    writeFileSync(seed.client.path(`${folder}/ca.crt`), pem);
    const ask = await seed.curl(["--cacert", `${folder}/ca.crt`, "--output", "/dev/null", "https://devregistry/v2/"]);
    expect(ask).toMatchObject({ code: 0 });
    const login = ["podman", "login", "--username", "xl", "--password-stdin", "devregistry:443"];
    expect(await seed.client.run(login, { stdin: "secret" })).toMatchObject({ code: 0 });
    const script = `require("node:https").get(
      { host: "devregistry", path: "/v2/", ca: require("node:fs").readFileSync("${folder}/ca.crt") },
      (response) => { console.log(response.statusCode); process.exit(); })`;
    const node = [join(checkout, "node_modules/.bin/node"), "--eval", script];
    expect(await seed.client.run(node)).toMatchObject({ code: 0, stdout: "401\n" });
  });

  test("keeps port 5000 to itself unless told to open it", async () => {
    await seed.must(["up", ...addresses]);
    expect(await seed.curl(["http://10.10.62.103:5000/v2/"])).toMatchObject({ code: 7 });
    await seed.must(["up", "--expose-5000"]);
    expect(await seed.curl(["http://10.10.62.103:5000/v2/"])).toMatchObject({ code: 0, stdout: "{}" });
  });

  test("lets clients delete unless told not to", async () => {
    const url = `http://10.10.62.103:5000/v2/a/manifests/sha256:${"0".repeat(64)}`;
    const remove = ["--request", "DELETE", "--output", "/dev/null", "--write-out", "%{http_code}", url];
    await seed.must(["up", ...addresses, "--expose-5000"]);
    expect((await seed.curl(remove)).stdout).toBe("404");
    await seed.must(["up", "--no-delete"]);
    expect((await seed.curl(remove)).stdout).toBe("405");
  });

  test("passes on large uploads with https Locations and the version header on every answer", async () => {
    await seed.must(["up", ...addresses, "--username", "xl", "--password-stdin"], "secret\n");
    const common = ["--insecure", "--include", "--user", "xl:secret"];
    const start = await seed.curl([...common, "--request", "POST", "https://devregistry/v2/a/blobs/uploads/"]);
    expect(start.stdout).toMatch(/^HTTP\/1.1 202/);
    expect(start.stdout.match(/^docker-distribution-api-version: registry\/2\.0\r$/gim)).toHaveLength(1);
    const location = /^location: (https:\/\/devregistry\/\S+)/im.exec(start.stdout)?.[1] ?? "";
    await seed.client.run(["truncate", "--size=40M", "/tmp/layer"]);
    const type = "Content-Type: application/octet-stream";
    const patch = ["--request", "PATCH", "--header", type, "--data-binary", "@/tmp/layer"];
    const sent = await seed.curl([...common, ...patch, location]);
    expect(sent.stdout).toMatch(/HTTP\/1.1 202/);
    const refused = await seed.curl(["--insecure", "--include", "https://devregistry/v2/"]);
    expect(refused.stdout).toMatch(/^HTTP\/1.1 401/);
    expect(refused.stdout).toMatch(/^WWW-Authenticate: Basic realm="Registry"\r$/m);
    expect(refused.stdout.match(/^docker-distribution-api-version: registry\/2\.0\r$/gim)).toHaveLength(1);
  });

  test.each([
    ["443", "nginx did not start"],
    ["5000", "the registry ended at once"],
  ])("that finds port %s taken says so and leaves nothing running", async (port, message) => {
    const listen = `require("node:net").createServer().listen(${port}, () => console.log("ready"))`;
    const taken = await seed.registry.start([join(checkout, "node_modules/.bin/node"), "--eval", listen]);
    await expect.poll(taken.output).toBe("ready\n");
    const up = await seed.registry.devregistry(["up", ...addresses]);
    expect(up).toMatchObject({ code: 1, stdout: "" });
    expect(up.stderr).toContain(`devregistry: error: ${message}`);
    expect(up.stderr).toMatch(/address already in use/i);
    expect(await seed.listProcesses()).toEqual([]);
    await seed.must(["down", "--purge"]);
    expect(existsSync(seed.registry.path(data))).toBe(false);
    await taken.stop();
    expect(await seed.must(["up", ...addresses])).toContain("devregistry is up");
  });

  test.each([
    [["up", "--alias", "Not_A_Name"], "alias: not a lowercase host name"],
    [["up", "--address", "10.0.0"], "addresses.0: not an IP address"],
    [["up", "--https-port", "70000"], "httpsPort: "],
    [["up", "--days", "0"], "days: "],
    [["up", "--alias", "a", "--alias", "b"], "--alias is given twice"],
    [["up", "--password", "secret"], "Unknown argument: password"],
    [["rotate", "--announce", "--activate"], "mutually exclusive"],
    [["rotate", "--days", "0"], "--days: 1 to 3650"],
    [[], "name a command"],
  ])("refuses %j", async (args, message) => {
    const refused = await seed.registry.devregistry(args);
    expect(refused).toMatchObject({ code: 2, stdout: "" });
    expect(refused.stderr).toContain(message);
    expect(existsSync(seed.registry.path(data))).toBe(false);
  });

  test("runs for a person without root, on high ports, beside another instance", async () => {
    await seed.must(["up", ...addresses]);
    const as = { user: "daemon", cwd: "/", env: { XDG_DATA_HOME: "/tmp/own" } };
    const mine = ["--https-port", "8443", "--registry-port", "5001", "--listen", "10.10.62.103"];
    const low = await seed.registry.devregistry(["up", ...addresses, "--registry-port", "5001"], as);
    expect(low.code).toBe(1);
    const up = await seed.registry.devregistry(["up", ...addresses, ...mine], as);
    expect(up).toMatchObject({ code: 0 });
    expect(up.stdout).toContain("regclient enroll devregistry:8443 --address 10.10.62.103");
    const answer = await seed.curl([
      "--insecure",
      "--output",
      "/dev/null",
      "--write-out",
      "%{http_code}",
      "https://devregistry:8443/v2/",
    ]);
    expect(answer.stdout).toBe("401");
    expect(statSync(seed.registry.path("/tmp/own/devregistry/htpasswd")).mode & 0o777).toBe(0o600);
    expect(await seed.registry.devregistry(["down", "--purge"], as)).toMatchObject({ code: 0 });
    expect(existsSync(seed.registry.path("/tmp/own/devregistry"))).toBe(false);
    await seed.must(["status"]);
  });
});

describe("the docker engine", () => {
  test("writes files that nginx and Compose understand", async () => {
    // Nothing can be pulled here: the start fails, and its files are looked at.
    const up = await seed.registry.devregistry(["up", ...addresses, "--engine", "docker", "--listen", "10.10.62.103"]);
    expect(up.code).toBe(1);
    const read = (name: string): string => readFileSync(seed.registry.path(join(data, name)), "utf8");
    const env = Object.fromEntries(
      read(".env")
        .trim()
        .split("\n")
        .map((line) => line.split("=")),
    );
    expect(env).toEqual({ DEVREGISTRY_REGISTRY: "127.0.0.1:5000", DEVREGISTRY_HTTPS: "10.10.62.103:443" });
    const wanted = [...read("compose.yaml").matchAll(/\$\{(\w+)/g)].map((match) => match[1]);
    expect(wanted.sort()).toEqual(Object.keys(env).sort());
    const { services } = parse(read("compose.yaml")) as { services: Record<string, { image: string }> };
    expect(Object.entries(services).map(([name, { image }]) => [name, image])).toEqual([
      ["registry", "registry:2"],
      ["nginx", "nginx"],
    ]);
    expect(parse(read("registry.yml"))).toMatchObject({ version: 0.1, http: { addr: ":5000" } });
    // As in the container: the data folder at /devregistry, a host called registry, a user called nginx.
    symlinkSync(data, seed.registry.path("/devregistry"));
    await seed.registry.run(["sh", "-c", "echo 'nginx:x:101:101::/:/bin/false' >>/etc/passwd"]);
    await seed.registry.run(["sh", "-c", "echo 'nginx:x:101:' >>/etc/group; echo '127.0.0.1 registry' >>/etc/hosts"]);
    const checked = await seed.registry.run(["nginx", "-t", "-c", "/devregistry/nginx/nginx.conf"]);
    expect(checked).toMatchObject({ code: 0, stderr: expect.stringContaining("syntax is ok") });
  });
});
