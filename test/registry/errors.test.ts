import { expect, test } from "vitest";
import { explainRefusal, parseRegistryErrors, type Operation } from "../../src/registry/errors.ts";
import type { HttpResponse } from "../../src/registry/http.ts";
import { parseRegistryName } from "../../src/registry/name.ts";
import { success } from "../../src/result.ts";
import { valueOf } from "../support/registry-client.ts";

const name = valueOf(parseRegistryName("reg.test"));

function respond(status: number, body: string, headers: Readonly<Record<string, string>> = {}): HttpResponse {
  return {
    url: new URL("https://reg.test/v2/"),
    status,
    header: (key) => headers[key],
    read: async (_, onChunk) => {
      await onChunk(Buffer.from(body));
      return success(body.length);
    },
  };
}

function errors(code: string, message = "", detail?: unknown): string {
  return JSON.stringify({ errors: [{ code, message, detail }] });
}

// nginx 1.22 and distribution 2.8, as they were seen to answer
const nginx = (status: string): string => `<html>\r\n<head><title>${status}</title></head>\r\n<body></body></html>`;
const full = errors("UNKNOWN", "unknown error", {
  DriverName: "filesystem",
  Enclosed: { Op: "write", Path: "/var/lib/registry/startedat", Err: 28 },
});
const fullInWords = errors("UNKNOWN", "write /var/lib/registry/startedat: no space left on device");

const table: readonly (readonly [Operation["action"], number, string, string, number])[] = [
  ["push", 401, errors("UNAUTHORIZED", "authentication required"), "RC-PSH-001", 6],
  ["push", 403, errors("DENIED", "requested access to the resource is denied"), "RC-PSH-001", 6],
  ["push", 403, nginx("403 Forbidden"), "RC-PSH-017", 6],
  ["pull", 403, nginx("403 Forbidden"), "RC-PSH-002", 6],
  ["pull", 401, errors("UNAUTHORIZED"), "RC-PSH-002", 6],
  ["pull", 403, errors("DENIED"), "RC-PSH-002", 6],
  ["pull", 404, errors("NAME_UNKNOWN", "repository name not known to registry"), "RC-PSH-003", 6],
  ["push", 404, errors("NAME_UNKNOWN", "project x not found"), "RC-PSH-060", 6],
  ["push", 401, errors("UNAUTHORIZED", "project x not found: project x not found"), "RC-PSH-060", 6],
  ["pull", 404, "404 page not found\n", "RC-PSH-003", 6],
  ["pull", 404, nginx("404 Not Found"), "RC-PSH-017", 6],
  ["push", 413, nginx("413 Request Entity Too Large"), "RC-PSH-004", 6],
  ["push", 405, "Method not allowed\n", "RC-PSH-005", 6],
  ["push", 405, nginx("405 Not Allowed"), "RC-PSH-005", 6],
  ["push", 500, full, "RC-PSH-007", 6],
  ["push", 500, fullInWords, "RC-PSH-007", 6],
  ["push", 500, errors("UNKNOWN", "unknown error", { Err: 280 }), "RC-PSH-006", 6],
  ["push", 500, errors("UNKNOWN", "unknown error"), "RC-PSH-006", 6],
  ["push", 502, nginx("502 Bad Gateway"), "RC-PSH-006", 6],
  ["pull", 429, errors("TOOMANYREQUESTS"), "RC-PSH-008", 6],
  ["push", 404, errors("BLOB_UPLOAD_UNKNOWN"), "RC-PSH-012", 6],
  ["push", 404, errors("BLOB_UPLOAD_INVALID"), "RC-PSH-013", 6],
  ["push", 400, errors("MANIFEST_BLOB_UNKNOWN"), "RC-PSH-015", 6],
  ["push", 400, errors("DIGEST_INVALID"), "RC-PSH-016", 6],
  ["push", 400, nginx("400 No required SSL certificate was sent"), "RC-NET-011", 5],
  ["push", 400, nginx("400 The SSL certificate error"), "RC-NET-019", 5],
  ["pull", 302, "", "RC-PSH-017", 6],
  ["push", 200, "{}", "RC-PSH-017", 6],
];

test.each(table)("a %s answered with %i %s is %s", async (action, status, body, code, exit) => {
  const operation: Operation = { name, action, repository: "a/b", what: "the blob x", hasCredentials: true };
  const found = await explainRefusal(operation, respond(status, body));
  expect({ code: found.code, exit: found.exit }).toEqual({ code, exit });
});

test("without credentials, a 401 asks for a login", async () => {
  const operation: Operation = { name, action: "pull", repository: "a", what: "x", hasCredentials: false };
  expect((await explainRefusal(operation, respond(401, ""))).code).toBe("RC-AUT-002");
});

test.each([
  ['Basic realm="x"', "Basic"],
  ['Bearer realm="https://h/t", Basic realm="x"', "Bearer or Basic"],
  ["", "some"],
])("without credentials, a 401 with the challenge %j says what it asks for: %s", async (challenge, scheme) => {
  const operation: Operation = { name, action: "pull", repository: "a", what: "x", hasCredentials: false };
  const refused = await explainRefusal(operation, respond(401, "", { "www-authenticate": challenge }));
  expect(refused.cause).toBe(`the registry asks for ${scheme} authentication`);
});

test("Retry-After is told", async () => {
  const operation: Operation = { name, action: "pull", repository: "a", what: "x", hasCredentials: true };
  const found = await explainRefusal(operation, respond(429, "", { "retry-after": "17" }));
  expect(found.cause).toContain("17 s");
});

test("the registry's own words are evidence, and cannot move the cursor", async () => {
  const operation: Operation = { name, action: "push", repository: "a", what: "x", hasCredentials: true };
  const found = await explainRefusal(operation, respond(403, errors("DENIED", "quota\u001B[2J", { used: 5 })));
  expect(found.evidence[1]).toBe('DENIED: quota\uFFFD[2J: {"used":5}');
});

test.each([
  ["no JSON", "<html>", 0],
  ["no list", '{"errors":{}}', 0],
  ["no objects", '{"errors":[1,null,"x"]}', 0],
  ["null", "null", 0],
  ["very many", JSON.stringify({ errors: Array.from({ length: 1000 }, () => ({ code: "X" })) }), 16],
])("an error answer with %s is read within bounds", (_, body, count) => {
  expect(parseRegistryErrors(body)).toHaveLength(count);
});
