import type { X509Certificate } from "node:crypto";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { requireLab } from "./lab.ts";
import { addresses, data, fingerprintOf, startSeedLab, type SeedLab } from "./support/seed-lab.ts";

requireLab();

let seed: SeedLab;
beforeEach(async () => {
  seed = await startSeedLab();
});
afterEach(async () => {
  await seed[Symbol.asyncDispose]();
});

describe("adduser", () => {
  test("lets a new user in at once, and changes passwords", async () => {
    await seed.must(["up", ...addresses]);
    expect(await seed.askAs("xl", "first")).toBe("401");
    await seed.must(["adduser", "xl", "--password-stdin"], "first\n");
    expect(await seed.askAs("xl", "first")).toBe("200");
    const told = await seed.must(["adduser", "ci"]);
    const generated = /password, shown only this once: (\S+)/.exec(told)?.[1] ?? "";
    expect(await seed.askAs("ci", generated)).toBe("200");
    expect(await seed.must(["adduser", "xl", "--password-stdin"], "second\n")).toContain("xl has a new password");
    expect([
      await seed.askAs("xl", "first"),
      await seed.askAs("xl", "second"),
      await seed.askAs("ci", generated),
    ]).toEqual(["401", "200", "200"]);
  });

  test("keeps bcrypt hashes of cost 10 that only nginx may read", async () => {
    await seed.must(["up", ...addresses, "--username", "xl", "--password-stdin"], "secret\n");
    const file = seed.registry.path(`${data}/htpasswd`);
    expect(readFileSync(file, "utf8")).toMatch(/^xl:\$2y\$10\$[./A-Za-z0-9]{53}\n$/);
    expect(statSync(file).mode & 0o777).toBe(0o640);
    const verified = await seed.registry.run(["htpasswd", "-v", "-i", `${data}/htpasswd`, "xl"], { stdin: "secret" });
    expect(verified).toMatchObject({ code: 0 });
  });

  test.each([
    ["xl", "", "the password is empty"],
    ["xl", "a\nb", "more than one line"],
    ["xl", "p".repeat(73), "longer than 72 bytes"],
    ["x:l", "secret", "not a user name"],
  ])("refuses %s with %j", async (user, password, message) => {
    await seed.must(["up", ...addresses]);
    const refused = await seed.registry.devregistry(["adduser", user, "--password-stdin"], { stdin: password });
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain(message);
    expect(readFileSync(seed.registry.path(`${data}/htpasswd`), "utf8")).toBe("");
  });
});

describe("rotate", () => {
  test("serves a new certificate with a new key", async () => {
    await seed.must(["up", ...addresses]);
    const [old] = await seed.readTrust();
    await seed.must(["rotate", "--days", "30"]);
    const [now, ...more] = await seed.readTrust();
    expect(more).toEqual([]);
    expect(fingerprintOf(now!)).toBe(await seed.readServed());
    expect(fingerprintOf(now!)).toBe((await seed.must(["fingerprint"])).trim());
    expect(spkiOf(now)).not.toEqual(spkiOf(old));
    expect(now?.subjectAltName).toBe(old?.subjectAltName);
    expect(Date.parse(now!.validTo) - Date.parse(now!.validFrom)).toBe(30 * 86_400_000);
  });

  test("keeps the key when told to", async () => {
    await seed.must(["up", ...addresses]);
    const [old] = await seed.readTrust();
    await seed.must(["rotate", "--same-key"]);
    const [now] = await seed.readTrust();
    expect(fingerprintOf(now!)).not.toBe(fingerprintOf(old!));
    expect(spkiOf(now)).toEqual(spkiOf(old));
  });

  test("announces first, and activates what it announced", async () => {
    await seed.must(["up", ...addresses]);
    const current = await seed.readServed();
    await seed.must(["rotate", "--announce"]);
    const coming = (await seed.must(["fingerprint", "--announced"])).trim();
    expect(coming).not.toBe(current);
    expect((await seed.readTrust()).map(fingerprintOf)).toEqual([current, coming]);
    expect(await seed.readServed()).toBe(current);
    const again = await seed.registry.devregistry(["rotate"]);
    expect(again).toMatchObject({ code: 1 });
    expect(again.stderr).toContain("a certificate is announced already");
    await seed.must(["rotate", "--activate"]);
    expect(await seed.readServed()).toBe(coming);
    expect((await seed.readTrust()).map(fingerprintOf)).toEqual([coming]);
  });

  test("withdraws an announcement", async () => {
    await seed.must(["up", ...addresses]);
    const current = await seed.readServed();
    await seed.must(["rotate", "--announce"]);
    await seed.must(["rotate", "--withdraw"]);
    expect((await seed.readTrust()).map(fingerprintOf)).toEqual([current]);
    expect(await seed.registry.devregistry(["rotate", "--activate"])).toMatchObject({ code: 1 });
  });

  test("puts the old certificate back when nginx does not take the new one", async () => {
    await seed.must(["up", ...addresses]);
    const current = await seed.readServed();
    writeFileSync(seed.registry.path(`${data}/nginx/nginx.conf`), "nonsense;\n");
    const failed = await seed.registry.devregistry(["rotate"]);
    expect(failed.code).toBe(1);
    expect(failed.stderr).toContain('unknown directive "nonsense"');
    expect((await seed.must(["fingerprint"])).trim()).toBe(current);
    expect((await seed.readTrust()).map(fingerprintOf)).toEqual([current]);
  });

  test("prepares the certificate of a registry that is down", async () => {
    await seed.must(["up", ...addresses]);
    await seed.must(["down"]);
    expect(await seed.must(["rotate"])).toContain("to be served at the next up");
    await seed.must(["up"]);
    expect(await seed.readServed()).toBe((await seed.must(["fingerprint"])).trim());
  });
});

describe("status, logs and down", () => {
  test("show what is", async () => {
    await seed.must(["up", ...addresses, "--username", "xl", "--password-stdin"], "secret\n");
    const status = JSON.parse(await seed.must(["status", "--json"])) as Record<string, unknown>;
    expect(status).toMatchObject({
      healthy: true,
      engine: "debian",
      users: ["xl"],
      certificate: { daysLeft: 396 },
      parts: [
        { name: "registry", isRunning: true },
        { name: "nginx", isRunning: true },
      ],
    });
    expect(await seed.must(["status"])).toMatch(/^health +healthy$/m);
    expect(await seed.must(["logs"])).toContain('"GET /v2/ HTTP/1.1" 401');
  });

  test("status says 3 when a part has died, and up mends it", async () => {
    await seed.must(["up", ...addresses]);
    await seed.registry.run(["sh", "-c", `kill -9 $(cat ${data}/run/registry.pid)`]);
    const broken = await seed.registry.devregistry(["status"]);
    expect(broken.code).toBe(3);
    expect(broken.stdout).toMatch(/registry not running[^]*not healthy[^]*ECONNREFUSED/);
    await seed.must(["up"]);
    await seed.must(["status"]);
  });

  test("down stops both and keeps the data, --purge removes it", async () => {
    await seed.must(["up", ...addresses]);
    const fingerprint = await seed.must(["fingerprint"]);
    expect(await seed.must(["down"])).toBe("devregistry is down\n");
    expect(await seed.listProcesses()).toEqual([]);
    expect(await seed.must(["down"])).toBe("devregistry was down already\n");
    await seed.must(["up"]);
    expect(await seed.must(["fingerprint"])).toBe(fingerprint);
    await seed.must(["down", "--purge"]);
    expect(await seed.listProcesses()).toEqual([]);
    expect(existsSync(seed.registry.path(data))).toBe(false);
    expect(await seed.registry.devregistry(["status"])).toMatchObject({ code: 1 });
  });

  test("--purge leaves files that are not the registry's", async () => {
    await seed.must(["up", ...addresses]);
    writeFileSync(seed.registry.path(`${data}/thesis.txt`), "years of work");
    expect(await seed.must(["down", "--purge"])).toContain("holds others and stays");
    expect(readFileSync(seed.registry.path(`${data}/thesis.txt`), "utf8")).toBe("years of work");
  });

  test("a stale pid file names no victim", async () => {
    await seed.must(["up", ...addresses]);
    await seed.must(["down"]);
    const other = await seed.registry.start(["sleep", "60"]);
    const inner = await seed.registry.run(["pgrep", "-x", "sleep"]);
    for (const pid of inner.stdout.trim().split("\n"))
      writeFileSync(seed.registry.path(`${data}/run/nginx.pid`), `${pid}\n`);
    await seed.must(["down"]);
    expect(await other.stop()).toMatchObject({ signal: "SIGTERM" });
  });
});

function spkiOf(certificate: X509Certificate | undefined): Buffer | undefined {
  return certificate?.publicKey.export({ type: "spki", format: "der" });
}
