import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import type { Host } from "../../src/host/ports.ts";
import { readBody } from "../../src/registry/body.ts";
import { secret } from "../../src/credentials/secret.ts";
import { connectTrusting, contactRegistry, type Contact, type Route } from "../../src/registry/connection.ts";
import { parseRegistryName } from "../../src/registry/name.ts";
import { parseCertificate } from "../../src/trust/certificate.ts";
import { makeFakeHost } from "../support/fake-host.ts";
import { answer, startTls, type RawServer } from "../support/raw-server.ts";
import { readPem } from "../support/read-pem.ts";
import { valueOf } from "../support/registry-client.ts";
import { makeScratchRoot } from "../support/scratch-root.ts";
import { makeSelfSigned } from "../support/self-signed.ts";

const pair = makeSelfSigned(["IP:127.0.0.1"]);
const own = valueOf(parseCertificate(readPem(pair.cert)));
const other = valueOf(parseCertificate(readPem(makeSelfSigned(["IP:127.0.0.1"]).cert)));
const kept: Contact["connection"][] = [];

let host: Host;
let server: RawServer;
let elsewhere: RawServer;
beforeAll(async () => {
  server = await startTls(pair, (socket, head) => {
    socket.write(answer("200 OK", ["Connection: keep-alive"], head.split(" ")[1] ?? ""));
    if (head.includes("/last")) socket.end();
  });
  elsewhere = await startTls(pair, (socket) => socket.write(answer("200 OK", [], "elsewhere")));
});
afterAll(() => Promise.all([server.close(), elsewhere.close()]));
beforeEach(() => {
  host = makeFakeHost({ root: makeScratchRoot({ "/etc/hosts": "" }) });
});
afterEach(() => kept.splice(0).forEach((each) => each?.socket.destroy()));

function routeTo(port: number): Route {
  return { name: valueOf(parseRegistryName(`127.0.0.1:${port}`)), address: undefined };
}

async function contact(route: Route, anchors: readonly (typeof own)[]): Promise<Contact> {
  const found = valueOf(await contactRegistry(host, route, anchors));
  kept.push(found.connection);
  return found;
}

/** Asks for paths in turn, on a client that was given the connection; gives the answers and how many connections came. */
async function ask(given: Contact, port: number, paths: readonly string[]): Promise<readonly [string, number]> {
  const before = server.connections() + elsewhere.connections();
  const http = connectTrusting(host, routeTo(port), [own]);
  if (given.connection !== undefined) http.adopt(given.connection);
  let said = "";
  for (const path of paths) {
    const response = valueOf(await http.request({ method: "GET", url: new URL(`https://127.0.0.1:${port}${path}`) }));
    said += Buffer.from(valueOf(await readBody(response, 1024))).toString();
  }
  http.close();
  return [said, server.connections() + elsewhere.connections() - before];
}

test.each([
  ["the held certificate", [own], true],
  ["one of two", [other, own], true],
  ["another", [other], false],
  ["none", [], false],
] as const)(
  "what verifies it is %s: the connection is kept only then, and the certificate seen always",
  async (_, held, is) => {
    const { served, connection } = await contact(routeTo(server.port), held);
    expect(served.map(({ fingerprint }) => fingerprint)).toEqual([own.fingerprint]);
    expect(connection?.chain.map(({ fingerprint }) => fingerprint)).toEqual(is ? [own.fingerprint] : undefined);
  },
);

test("a kept connection serves the requests that follow", async () => {
  const found = await contact(routeTo(server.port), [own]);
  expect(await ask(found, server.port, ["/one", "/two"])).toEqual(["/one/two", 0]);
});

test("it leads where it led, and is ended with the client that did not use it", async () => {
  const found = await contact(routeTo(server.port), [own]);
  expect(await ask(found, elsewhere.port, ["/"])).toEqual(["elsewhere", 1]);
  expect(found.connection?.socket.destroyed).toBe(true);
});

test("one that the server has ended meanwhile is replaced", async () => {
  const found = await contact(routeTo(server.port), [own]);
  expect(await ask(found, server.port, ["/last"])).toEqual(["/last", 0]);
  const ended = await contact(routeTo(server.port), [own]);
  ended.connection?.socket.destroy();
  expect(await ask(ended, server.port, ["/one"])).toEqual(["/one", 1]);
});

test("who has a client certificate shows it to nobody in order to look", async () => {
  const client = { chain: pair.cert, key: secret(pair.key) } as Route["client"];
  const found = await contact({ ...routeTo(server.port), client }, [own]);
  expect({ served: found.served.length, connection: found.connection }).toEqual({ served: 1, connection: undefined });
});
