import { expect, test } from "vitest";
import { isLoopbackHost, parseListenAddress } from "../../../src/daemon/metrics/listen-address.ts";

test.each([
  ["unix:/run/regclient/metrics.sock", { kind: "socket", path: "/run/regclient/metrics.sock" }],
  ["unix:/run//regclient/../m", { kind: "socket", path: "/run/m" }],
  ["127.0.0.1:9687", { kind: "loopback", host: "127.0.0.1", port: 9687 }],
  ["127.1.2.3:0", { kind: "loopback", host: "127.1.2.3", port: 0 }],
  ["[::1]:9687", { kind: "loopback", host: "::1", port: 9687 }],
])("%s is an address to serve at", (text, value) => {
  expect(parseListenAddress(text)).toEqual({ ok: true, value });
});

test.each([
  ["0.0.0.0:9687", "only addresses of the loopback"],
  ["[::]:9687", "only addresses of the loopback"],
  ["10.10.62.10:9687", "only addresses of the loopback"],
  ["[fd00::5]:9687", "only addresses of the loopback"],
  ["128.0.0.1:9687", "only addresses of the loopback"],
  ["localhost:9687", "a name can come to mean another"],
  [":9687", "the host must be an address"],
  ["[127.0.0.1:9687", "the host must be an address"],
  ["::1:9687", "must be unix:/PATH"],
  ["9687", "must be unix:/PATH"],
  ["127.0.0.1", "must be unix:/PATH"],
  ["127.0.0.1:65536", "must be unix:/PATH"],
  ["127.0.0.1:-1", "must be unix:/PATH"],
  ["127.0.0.1:9687/metrics", "must be unix:/PATH"],
  ["unix:", "must be absolute"],
  ["unix:run/m.sock", "must be absolute"],
  ["unix:/run/regclient/", "must be absolute"],
  ["/run/regclient/m.sock", "must be unix:/PATH"],
  ["", "must be unix:/PATH"],
])("%s is refused", (text, reason) => {
  const refused = parseListenAddress(text);
  expect(refused).toMatchObject({ ok: false, problem: { code: "RC-CFG-005", exit: 2 } });
  if (!refused.ok) expect(refused.problem.summary).toContain(reason);
});

test.each([
  ["localhost", true],
  ["LOCALHOST:9687", true],
  ["127.0.0.1:9687", true],
  ["127.0.0.1:1", true],
  ["[::1]", true],
  ["[::1]:9687", true],
  ["", false],
  ["evil.test", false],
  ["evil.test:9687", false],
  ["localhost.evil.test", false],
  ["127.0.0.1.evil.test", false],
  ["127.0.0.1@evil.test", false],
  ["10.0.0.1", false],
  ["::1", false],
  ["[evil.test]", false],
])("the Host header %s means this host: %s", (header, means) => {
  expect(isLoopbackHost(header)).toBe(means);
});
