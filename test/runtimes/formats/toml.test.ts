import * as fc from "fast-check";
import { expect, test } from "vitest";
import { hasToml, withoutToml } from "../../../src/runtimes/formats/toml-removal.ts";
import { parseToml } from "../../../src/runtimes/formats/toml-data.ts";
import { withToml, type TomlWant } from "../../../src/runtimes/formats/toml.ts";

const TABLE = ["registry", "reg.test:5000"] as const;
const ca: TomlWant = { kind: "element", table: TABLE, key: "ca", element: "/etc/regclient/ca.crt" };
const pair: TomlWant = {
  kind: "block",
  table: [...TABLE, "keypair"],
  values: { key: "/etc/regclient/client.key", cert: "/etc/regclient/client.cert" },
};
const http: TomlWant = { kind: "key", table: TABLE, key: "http", value: false };

function edited(text: string, wants: readonly TomlWant[]): string {
  const result = withToml(text, wants, "/etc/x.toml");
  if (!result.ok) throw new Error(`${result.problem.code}: ${result.problem.cause}`);
  return result.value;
}

/** Every byte of `text` stands in `longer`, in the same order: nothing was taken away. */
function isWithin(text: string, longer: string): boolean {
  let at = 0;
  for (const line of text.split("\n")) {
    const found = longer.indexOf(line, at);
    if (found === -1) return false;
    at = found + line.length;
  }
  return true;
}

const CA_LINE = `ca = ["/etc/regclient/ca.crt"]`;

test.each([
  ["an empty file", "", `\n# added by regclient\n[registry."reg.test:5000"]\n${CA_LINE}\n`],
  ["comments alone", "# mine\n", `# mine\n\n# added by regclient\n[registry."reg.test:5000"]\n${CA_LINE}\n`],
  [
    "no final newline",
    "[b]\nc = 2",
    `[b]\nc = 2\n\n# added by regclient (it began with a new line)\n[registry."reg.test:5000"]\n${CA_LINE}\n`,
  ],
  ["CRLF", "a = 1\r\n", `a = 1\r\n\r\n# added by regclient\r\n[registry."reg.test:5000"]\r\n${CA_LINE}\r\n`],
  [
    "a table that is there",
    `[registry."reg.test:5000"] # theirs\n  http = false\n\n[grpc]\n`,
    `[registry."reg.test:5000"] # theirs\n  ${CA_LINE}\n  http = false\n\n[grpc]\n`,
  ],
  ["a table at the very end", `[registry.'reg.test:5000']`, `[registry.'reg.test:5000']\n${CA_LINE}`],
  [
    "an array that is there",
    `[registry."reg.test:5000"]\nca=["/x.pem"] # theirs\n`,
    `[registry."reg.test:5000"]\nca=["/etc/regclient/ca.crt", "/x.pem"] # theirs\n`,
  ],
  [
    "an array over several lines",
    `[registry."reg.test:5000"]\nca = [ # ours\n  "/x.pem",\n]\n`,
    `[registry."reg.test:5000"]\nca = ["/etc/regclient/ca.crt",  # ours\n  "/x.pem",\n]\n`,
  ],
  [
    "an array below dotted keys",
    `registry."reg.test:5000".ca = ["/x.pem"]\n`,
    `registry."reg.test:5000".ca = ["/etc/regclient/ca.crt", "/x.pem"]\n`,
  ],
  [
    "the array of another table first",
    `[registry."a"]\nca = ["/a"]\n[registry."reg.test:5000"]\nca = []\n`,
    `[registry."a"]\nca = ["/a"]\n[registry."reg.test:5000"]\nca = ["/etc/regclient/ca.crt", ]\n`,
  ],
  [
    "a header inside of a string",
    `note = """\n[registry."reg.test:5000"]\n"""\n[registry."reg.test:5000"]\n`,
    `note = """\n[registry."reg.test:5000"]\n"""\n[registry."reg.test:5000"]\n${CA_LINE}\n`,
  ],
  [
    "a table that only a deeper one implies",
    `[[registry."reg.test:5000".keypair]]\nkey = "/k"\n`,
    `[[registry."reg.test:5000".keypair]]\nkey = "/k"\n\n# added by regclient\n[registry."reg.test:5000"]\n${CA_LINE}\n`,
  ],
])("one file more among the CAs: %s", (_, before, after) => {
  expect(edited(before, [ca])).toBe(after);
  expect(edited(after, [ca])).toBe(after);
  expect(hasToml(after, [ca])).toBe(true);
  expect(hasToml(before, [ca])).toBe(false);
  expect(withoutToml(after, [ca])).toBe(before);
});

const OFFICIAL = `# root is where all buildkit state is stored.
root = "/var/lib/buildkit"
insecure-entitlements = [ "network.host", "security.insecure", "device" ]

[log]
  # log formatter: json or text
  format = "text"

[worker.oci]
  enabled = true
  platforms = [ "linux/amd64", "linux/arm64" ]
  snapshotter = "auto" # overlayfs or native, default value is "auto".

  [worker.oci.labels]
    "foo" = "bar"

  [[worker.oci.gcpolicy]]
    reservedSpace = "512MB"
    filters = [ "type==source.local", "type==exec.cachemount", "type==source.git.checkout"]
  [[worker.oci.gcpolicy]]
    all = true
    reservedSpace = 1024000000

[registry."docker.io"]
  mirrors = ["yourmirror.local:5000", "core.harbor.domain/proxy.docker.io"]
  ca=["/etc/config/myca.pem"]
  [[registry."docker.io".keypair]]
    key="/etc/config/key.pem"
    cert="/etc/config/cert.pem"

[registry."yourmirror.local:5000"]
  http = true
`;
const CONTAINERD = `version = 2
disabled_plugins = []

[plugins]
  [plugins."io.containerd.grpc.v1.cri"]
    sandbox_image = "registry.k8s.io/pause:3.6"
    [plugins."io.containerd.grpc.v1.cri".registry]
      config_path = ""
  [plugins.'io.containerd.internal.v1.opt']
    path = "/opt/containerd"

[timeouts]
  "io.containerd.timeout.shim.load" = "5s"

[proxy_plugins]
`;
const CONTAINERS = `unqualified-search-registries = ["docker.io"] # keep

[[registry]]
location = "docker.io"
[[registry.mirror]]
location = "mirror.test:5000"
`;
const ODD =
  `"a.b"."c" = 1\nbig = 9_007_199_254_740_993\nwhen = 1979-05-27T07:32:00-08:00\nf = inf\nn = nan\nday = 1979-05-27\n` +
  `s = '''\n[registry."reg.test:5000"]\nca = ["x"]\n'''\n[t] # t\nx = { y = [1, { z = "[]" }] }\n`;

test.each([
  ["buildkit's own example", OFFICIAL],
  ["containerd's default", CONTAINERD],
  ["what TOML allows", ODD],
  ["the same with CRLF", OFFICIAL.replaceAll("\n", "\r\n")],
  ["the same without its last newline", OFFICIAL.trimEnd()],
])("a whole registry goes in and comes out of %s", (_, before) => {
  const wants = [ca, http, pair];
  const after = edited(before, wants);
  expect(after.startsWith(before)).toBe(true);
  expect(parseToml(after)).toMatchObject({
    data: {
      registry: {
        "reg.test:5000": {
          ca: ["/etc/regclient/ca.crt"],
          http: false,
          keypair: [{ key: "/etc/regclient/client.key", cert: "/etc/regclient/client.cert" }],
        },
      },
    },
  });
  expect(edited(after, wants)).toBe(after);
  expect(withoutToml(after, wants)).toBe(before);
});

test("a pair goes in as an array in an array, as containerd wants it", () => {
  const client: TomlWant = { kind: "key", table: ["host", "https://r"], key: "client", value: [["/c.cert", "/c.key"]] };
  const before = `server = "https://r"\n\n[host."https://r"]\n  ca = "/x.crt"\n`;
  const after = edited(before, [client]);
  expect(after).toBe(before.replace("  ca =", `  client = [["/c.cert", "/c.key"]]\n  ca =`));
  expect(withoutToml(after, [client])).toBe(before);
});

test("what somebody adds behind or into our table stays when ours goes", () => {
  const after = edited("a = 1", [ca, pair]);
  const behind = `${after}# later\n[grpc]\nuid = 0\n`;
  expect(withoutToml(behind, [ca, pair])).toBe("a = 1\n# later\n[grpc]\nuid = 0\n");
  const into = after.replace(CA_LINE, `${CA_LINE}\nhttp = true # mine`);
  expect(withoutToml(into, [ca, pair])).toBe(
    `a = 1\n\n# added by regclient (it began with a new line)\n[registry."reg.test:5000"]\nhttp = true # mine\n`,
  );
});

test("what somebody has changed in our lines stays", () => {
  const changed = edited("", [pair]).replace("client.cert", "other.cert");
  expect(withoutToml(changed, [pair])).toBe(changed);
  expect(hasToml(changed, [pair])).toBe(false);
});

test("of two registries one goes and the other stays", () => {
  const second: TomlWant = { kind: "element", table: ["registry", "other"], key: "ca", element: "/o.crt" };
  const both = edited(edited("x = 1\n", [ca]), [second]);
  expect(withoutToml(both, [ca])).toBe(edited("x = 1\n", [second]));
  expect(withoutToml(withoutToml(both, [second]), [ca])).toBe("x = 1\n");
});

test.each([
  ["an inline table above it", "registry = { a = { http = true } }\n", ca, "form that nothing can be added to"],
  [
    "an inline table itself",
    `[registry]\n"reg.test:5000" = { http = true }\n`,
    ca,
    "form that nothing can be added to",
  ],
  ["dotted keys", `registry."reg.test:5000".http = true\n`, ca, "form that nothing can be added to"],
  ["an array of tables in the way", CONTAINERS, ca, "stands in the way"],
  ["a value in the way", "registry = 1\n", ca, "stands in the way"],
  ["an array in one piece", `[registry."reg.test:5000"]\nkeypair = [{ key = "/k", cert = "/c" }]\n`, pair, "form that"],
  ["another value", `[registry."reg.test:5000"]\nhttp = true\n`, http, "has another value there"],
  ["a text where an array belongs", `[registry."reg.test:5000"]\nca = "/x"\n`, ca, "has another value there"],
  ["invalid TOML", "a = \n", ca, "not valid TOML"],
  ["a key given twice", "a = 1\na = 2\n", ca, "not valid TOML"],
  ["a table given twice", "[a]\n[a]\n", ca, "not valid TOML"],
  ["a byte order mark", "\uFEFFa = 1\n", ca, "byte order mark"],
  ["what is not UTF-8", 'a = "\uFFFD"\n', ca, "not UTF-8"],
  ["more than 1 MiB", "#".repeat(1024 * 1024 + 1), ca, "larger than 1 MiB"],
])("refuses %s, and says what to add by hand", (_, text, want, reason) => {
  const result = withToml(text, [want], "/etc/buildkit/buildkitd.toml");
  if (result.ok) throw new Error(result.value);
  expect(result.problem).toMatchObject({ code: "RC-RUN-020", exit: 2 });
  expect(result.problem.cause).toContain(reason);
  expect(result.problem.fix.length).toBeGreaterThan(2);
  expect(withoutToml(text, [want])).toBe(text);
});

const bare = fc.stringMatching(/^[a-z][a-z0-9_-]{0,6}$/);
const key = fc.oneof(
  bare,
  fc.stringMatching(/^[a-z.: ]{1,9}$/).map((text) => JSON.stringify(text)),
);
const scalar = fc.oneof(
  fc.integer().map(String),
  fc.boolean().map(String),
  fc.string({ maxLength: 12 }).map((text) => JSON.stringify(text).replaceAll("\u007f", "\\u007f")),
  fc.stringMatching(/^[a-z [\]=.#"]{0,12}$/).map((text) => `'${text}'`),
  fc.constantFrom("1.5", "-0.0", "nan", "inf", "0x1F", "1979-05-27", "07:32:00", `"""\n[registry]\nca = ["\\n"]\n"""`),
  fc.constantFrom(
    `'''\n[registry."reg.test:5000"]\n'''`,
    "[ ]",
    "[1, 2, # two\n 3]",
    '["a", "b"]',
    "{ a = 1, b = [2] }",
  ),
);
const trivia = fc.constantFrom("", "", "# comment\n", "\n", "  # [registry]\n", "#ca = []\n", "\n\n");
const entry = fc.tuple(trivia, fc.constantFrom("", "  ", "\t"), key, scalar, fc.constantFrom("", " # why", "  "));
const header = fc.oneof(
  fc.array(key, { minLength: 1, maxLength: 3 }).map((keys) => `[${keys.join(".")}]`),
  fc.array(key, { minLength: 1, maxLength: 2 }).map((keys) => `[[${keys.join(".")}]]`),
  fc.constantFrom(
    "[registry]",
    `[registry."reg.test:5000"]`,
    `[ registry . 'other' ] # x`,
    `[[registry."reg.test:5000".keypair]]`,
  ),
);
const part = fc.tuple(trivia, header, fc.array(entry, { maxLength: 3 }));
const document = fc
  .tuple(fc.array(entry, { maxLength: 3 }), fc.array(part, { maxLength: 5 }), fc.boolean(), fc.boolean())
  .map(([top, parts, isCrlf, hasEnd]) => {
    const lines = (entries: typeof top): string =>
      entries.map(([above, indent, name, value, behind]) => `${above}${indent}${name} = ${value}${behind}\n`).join("");
    const text = lines(top) + parts.map(([above, head, entries]) => `${above}${head}\n${lines(entries)}`).join("");
    const ended = hasEnd ? text : text.replace(/\n$/, "");
    return isCrlf ? ended.replaceAll("\n", "\r\n") : ended;
  })
  .filter((text) => "data" in parseToml(text));

test("over any document: everything stays, all is said, twice is once, and out is as before", () => {
  let done = 0;
  fc.assert(
    fc.property(document, fc.subarray([ca, http, pair], { minLength: 1 }), (before, wants) => {
      const result = withToml(before, wants, "x");
      if (!result.ok) return;
      done += 1;
      expect(isWithin(before, result.value)).toBe(true);
      for (const want of wants) expect(hasToml(result.value, [want])).toBe(true);
      expect(edited(result.value, wants)).toBe(result.value);
      if (!hasToml(before, wants)) expect(withoutToml(result.value, wants)).toBe(before);
    }),
    { numRuns: 250 },
  );
  expect(done).toBeGreaterThan(80);
}, 60_000);
