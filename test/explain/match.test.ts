import { describe, expect, test } from "vitest";
import { MOST_BYTES, readLines, withoutSecrets } from "../../src/explain/clean.ts";
import { guessFindings } from "../../src/explain/match.ts";
import { clientMessages } from "../support/client-messages.ts";

function guess(text: string) {
  return guessFindings(readLines(Buffer.from(text)));
}

test("there are enough real messages", () => {
  expect(clientMessages.length).toBeGreaterThan(60);
  expect(new Set(clientMessages.map(([, line]) => line)).size).toBe(clientMessages.length);
});

test.each(clientMessages)("%s comes first for: %s", (code, line) => {
  const [first] = guess(line);
  expect(first?.code).toBe(code);
  expect(first?.seen[0]).toBeTruthy();
  expect(first?.confirm).not.toMatch(/(?<!\{)\{\w/);
});

test.each([
  "Login Succeeded",
  "latest: Pulling from team/app\n44136fa355b3: Pull complete\nStatus: Downloaded newer image",
  "the quick brown fox",
  "Login did not succeed, and nobody knows why",
  "",
])("nothing is known of: %s", (text) => {
  expect(guess(text)).toEqual([]);
});

test("what several things can be the cause of gives them all, the likeliest first", () => {
  const found = guess('Get "https://reg.test/v2/": x509: certificate signed by unknown authority');
  expect(found.map(({ code, likelihood }) => [code, likelihood])).toEqual([
    ["RC-TLS-006", "likely"],
    ["RC-TLS-007", "likely"],
    ["RC-CFG-032", "possible"],
    ["RC-CFG-031", "possible"],
  ]);
});

test("a log of many lines gives each finding once, with the lines that say it", () => {
  const found = guess(
    [
      "Using default tag: latest",
      "The push refers to repository [reg.test:5000/team/app]",
      "c85de82f7789: Retrying in 5 seconds",
      "c85de82f7789: Retrying in 4 seconds",
      "received unexpected HTTP status: 500 Internal Server Error",
    ].join("\n"),
  );
  expect(found.map(({ code }) => code)).toEqual(["RC-HTP-007", "RC-PSH-006", "RC-PSH-007"]);
  expect(found[1]?.seen).toHaveLength(2);
});

test.each([
  [
    "a URL",
    'Get "https://reg.test:5000/v2/": x509: certificate signed by unknown authority',
    "regclient doctor reg.test:5000",
  ],
  [
    "podman",
    "Error: pinging container registry reg.test:5000: x509: certificate signed by unknown authority",
    "regclient doctor reg.test:5000",
  ],
  ["a look-up", "dial tcp: lookup reg.test on 10.0.0.2:53: no such host", "getent ahosts reg.test"],
  ["no host at all", "x509: certificate signed by unknown authority", "regclient doctor NAME"],
  [
    "a helper",
    'exec: "docker-credential-desktop": executable file not found in $PATH',
    "command -v docker-credential-desktop",
  ],
  [
    "an image of Docker Hub",
    "The push refers to repository [docker.io/devregistry/app]",
    "docker image ls devregistry/app",
  ],
])("the command to confirm is for what the line names: %s", (_, line, confirm) => {
  expect(guess(line)[0]?.confirm).toBe(confirm);
});

describe("secrets are never shown", () => {
  const secret = "Hunter2-s3cret.X";
  const jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl";
  const base64 = Buffer.from(`xl:${secret}`).toString("base64");
  test.each([
    `> Authorization: Basic ${base64} x509: certificate signed by unknown authority`,
    `"Authorization":["Bearer ${jwt}"] connection refused`,
    `Get "https://xl:${secret}@reg.test/v2/": x509: certificate signed by unknown authority`,
    `Get "https://xl:a/b${secret}@reg.test/v2/": x509: certificate signed by unknown authority`,
    `curl -u xl:${secret} https://reg.test/v2/ connection refused`,
    `docker login -u xl -p ${secret} reg.test: no basic auth credentials`,
    `docker login --password=${secret} reg.test: no basic auth credentials`,
    `skopeo copy --dest-creds xl:${secret} docker://reg.test/a: no basic auth credentials`,
    `{"auths":{"reg.test":{"auth":"${base64}"}}} no basic auth credentials`,
    `{"username":"xl","password":"${secret}"} no basic auth credentials`,
    `Put "https://reg.test/v2/a/blobs/uploads/1?_state=${secret}&digest=x": EOF no basic auth credentials`,
    `X-Registry-Auth: ${jwt} no basic auth credentials`,
    `Set-Cookie: sid=${secret}; Path=/ no basic auth credentials`,
    `identitytoken=${secret} connection refused`,
    `REGISTRY_PASSWORD=${secret} connection refused`,
    `xl:${secret}@reg.test no basic auth credentials`,
  ])("%s", (line) => {
    const shown = JSON.stringify(guess(line));
    expect(shown).not.toBe("[]");
    for (const each of [secret, jwt, base64]) expect(shown).not.toContain(each);
  });

  test.each([
    "docker pull reg.test:5000/app:1@sha256:44136fa355b3678a",
    'Bearer realm="https://reg.test/token",service="x"',
    "no basic auth credentials",
    "Get https://reg.test:5000/v2/: EOF",
  ])("what is none stays: %s", (line) => {
    expect(withoutSecrets(line)).toBe(line);
  });
});

test("colours, overwritten lines and control characters are taken out before anything is read or shown", () => {
  const nasty =
    "\u001b[31mError:\u001b[0m x509: certificate signed by \u001b]0;title\u0007unknown authority\r50%\u0000\u202e";
  expect(readLines(Buffer.from(nasty))).toEqual(["Error: x509: certificate signed by unknown authority", "50%"]);
});

test("lines made to be slow to match are not", { timeout: 10_000 }, () => {
  const nasty = [
    "a".repeat(4096),
    '"'.repeat(4096),
    "certificate is valid for ".repeat(200),
    "x:".repeat(2048),
    "https://".repeat(512),
  ];
  const text = Array.from({ length: 16 }, (_, index) => nasty[index % nasty.length])
    .join("\n")
    .slice(0, MOST_BYTES);
  expect(guess(text)).toEqual([]);
});
