// What stands where a registry or its token server should be. The argument is a file with what it is to do, JSON.
import { sign, X509Certificate } from "node:crypto";
import { createSocket } from "node:dgram";
import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTls } from "node:https";
import { createServer as createTcp } from "node:net";
import { argv, stdout } from "node:process";
import type { Stub, TokenStub } from "./failure-stub.ts";

const stub = JSON.parse(readFileSync(argv[2] ?? "", "utf8")) as Stub;
const ready = (): void => void stdout.write("ready\n");

if (stub.kind === "tcp") {
  createTcp((socket) => {
    socket.on("error", () => undefined);
    if (stub.greets === undefined) return;
    if (stub.greets === "") socket.destroy();
    else socket.write(stub.greets);
  }).listen(443, "0.0.0.0", ready);
} else if (stub.kind === "dated") {
  const headers = { Date: stub.date, "Docker-Distribution-Api-Version": "registry/2.0" };
  createTls({ cert: stub.cert, key: stub.key }, (_, response) => {
    response.writeHead(200, headers).end("{}");
  }).listen(443, "0.0.0.0", ready);
} else if (stub.kind === "names") {
  const socket = createSocket("udp4");
  socket.on("message", (query, { port, address }) => socket.send(answerName(query, stub.address), port, address));
  socket.bind(53, "0.0.0.0", ready);
} else {
  createServer((request, response) => giveToken(stub, request, response)).listen(5100, "127.0.0.1", ready);
}

/** RFC 1035 section 4: the question again, and for type A the address. */
function answerName(query: Buffer, address: string | undefined): Buffer {
  const end = query.indexOf(0, 12) + 5;
  const isA = query.readUInt16BE(end - 4) === 1;
  const records =
    address !== undefined && isA ? [[0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, ...address.split(".").map(Number)]] : [];
  const flags = [0x81, address === undefined ? 0x83 : 0x80];
  const header = [...query.subarray(0, 2), ...flags, 0, 1, 0, records.length, 0, 0, 0, 0];
  return Buffer.concat([Buffer.from(header), query.subarray(12, end), Buffer.from(records.flat())]);
}

function giveToken(token: TokenStub, request: IncomingMessage, response: ServerResponse): void {
  const { searchParams } = new URL(request.url ?? "", "http://token");
  const wanted = `Basic ${Buffer.from(`${token.username}:${token.password}`).toString("base64")}`;
  if (token.answer !== undefined) response.writeHead(token.answer.status).end(token.answer.body);
  else if (request.headers.authorization !== wanted) response.writeHead(401).end("{}");
  else response.end(JSON.stringify({ token: makeToken(token, searchParams), expires_in: 300 }));
}

/** As in distribution's spec/auth/jwt.md. */
function makeToken(token: TokenStub, asked: URLSearchParams): string {
  const now = Math.floor(Date.now() / 1000) + token.aheadSeconds;
  const access = asked.getAll("scope").flatMap((scope) => {
    const [type = "", name = "", actions = ""] = scope.split(":");
    const granted = actions.split(",").filter((action) => token.grants.includes(action));
    return granted.length === 0 ? [] : [{ type, name, actions: granted }];
  });
  const claims = { iss: "lab", sub: token.username, aud: "lab", iat: now, nbf: now, exp: now + 300, jti: "1", access };
  const chain = [new X509Certificate(token.cert).raw.toString("base64")];
  const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const text = `${encode({ typ: "JWT", alg: "ES256", x5c: chain })}.${encode(claims)}`;
  const signature = sign("sha256", Buffer.from(text), { key: token.key, dsaEncoding: "ieee-p1363" });
  return `${text}.${signature.toString("base64url")}`;
}
