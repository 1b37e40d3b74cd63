import { createPrivateKey, X509Certificate, type KeyObject } from "node:crypto";
import { secret, type Secret } from "../credentials/secret.ts";
import { problem, type Problem } from "../findings/problem.ts";
import { failure, success, type Result } from "../result.ts";
import { parseCertificate, type Certificate } from "../trust/certificate.ts";
import { scanPem } from "../trust/pem.ts";

/** A certificate and its key, with which this host shows a registry who it is (RFC 8446 section 4.4.2). */
export interface ClientCertificate {
  /** PEM: the client's own certificate first, then those between it and its CA. */
  readonly chain: string;
  /** PEM, not encrypted. */
  readonly key: Secret;
}

/** The two files of a client certificate, as they were read. */
export interface ClientFiles {
  readonly certFile: string;
  readonly certificate: Uint8Array;
  readonly keyFile: string;
  readonly key: Uint8Array;
}

const CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";
const ANY_USAGE = "2.5.29.37.0";

/**
 * Reads a client certificate as Go's LoadX509KeyPair does, and holds it to what a server will ask of it at `now`
 * (milliseconds since the epoch): the pair matches, it is in its time, it is for clients. A Problem never shows the key.
 */
export function readClientCertificate(files: ClientFiles, now: number): Result<ClientCertificate> {
  const chain = readClientChain(files);
  if (!chain.ok) return chain;
  const key = readKey(files);
  if (!key.ok) return key;
  const [leaf] = chain.value;
  if (leaf === undefined) throw new Error("a chain has at least one certificate");
  const wrong = judge(files, leaf, key.value.object, now);
  if (wrong !== undefined) return failure(wrong);
  return success({ chain: chain.value.map(({ pem }) => pem).join(""), key: secret(key.value.pem) });
}

/** The certificates of the one file, the client's own first; at least one. */
export function readClientChain({
  certFile,
  certificate,
}: Pick<ClientFiles, "certFile" | "certificate">): Result<readonly Certificate[]> {
  const chain: Certificate[] = [];
  for (const block of scanPem(textOf(certificate)).blocks) {
    if (block.label !== "CERTIFICATE") continue;
    const parsed = parseCertificate(block.bytes ?? new Uint8Array());
    if (!parsed.ok) {
      const facts = { origin: certFile, line: String(block.line), reason: parsed.problem.cause };
      return failure(problem("RC-TLS-034", facts, [`${certFile}:${block.line}`]));
    }
    chain.push(parsed.value);
  }
  return chain.length > 0 ? success(chain) : failure(problem("RC-TLS-051", { path: certFile }, [certFile]));
}

interface ReadKey {
  readonly pem: string;
  readonly object: KeyObject;
}

/** Only the key goes on, whatever else stands in its file. */
function readKey({ keyFile, key }: ClientFiles): Result<ReadKey> {
  const refuse = (reason: string): Result<ReadKey> =>
    failure(problem("RC-TLS-052", { path: keyFile, reason }, [`${keyFile}: ${reason}`]));
  const [pem] = /-----BEGIN ([A-Z0-9 ]*PRIVATE KEY)-----[^-]*-----END \1-----/.exec(textOf(key)) ?? [];
  if (pem === undefined) return refuse("it has no private key in PEM");
  if (/BEGIN ENCRYPTED |^Proc-Type: 4,ENCRYPTED/m.test(pem))
    return refuse("the key is encrypted, and no container runtime could open it");
  try {
    return success({ pem: `${pem.replaceAll(/\r\n?/g, "\n")}\n`, object: createPrivateKey(pem) });
  } catch {
    // what OpenSSL says might quote the key
    return refuse("the private key in it is damaged, or of a kind that is not known here");
  }
}

function judge(
  { certFile, keyFile }: ClientFiles,
  leaf: Certificate,
  key: KeyObject,
  now: number,
): Problem | undefined {
  const facts = { certFile, keyFile, subject: leaf.subject };
  const evidence = [`${certFile}: ${leaf.subject}`];
  const isPair = matches(leaf, key);
  if (isPair === undefined) {
    const reason = "OpenSSL cannot read it";
    return problem("RC-TLS-035", { origin: certFile, reason }, [`${certFile}: ${reason}`]);
  }
  if (!isPair) return problem("RC-TLS-053", facts, evidence);
  if (now > leaf.notAfter || now < leaf.notBefore) {
    const reason =
      now > leaf.notAfter ? `it expired on ${dayOf(leaf.notAfter)}` : `it begins on ${dayOf(leaf.notBefore)}`;
    return problem("RC-TLS-054", { ...facts, reason }, evidence);
  }
  const usages = leaf.extendedKeyUsage;
  const isForClients = usages === undefined || usages.includes(CLIENT_AUTH) || usages.includes(ANY_USAGE);
  return isForClients ? undefined : problem("RC-TLS-055", facts, evidence);
}

function matches(leaf: Certificate, key: KeyObject): boolean | undefined {
  try {
    return new X509Certificate(leaf.der).checkPrivateKey(key);
  } catch {
    return undefined;
  }
}

function dayOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("latin1");
}
