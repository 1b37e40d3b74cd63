import { X509Certificate } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fingerprintOf, type KeyedCertificate } from "./certificate.ts";
import { pointLink, writeFileAtomically } from "./files.ts";
import type { Layout } from "./layout.ts";

/** `current` is served; `next` is announced and not yet served. */
export type Slot = "current" | "next";

/** A kept certificate. */
export interface KeptCertificate {
  readonly pem: string;
  readonly fingerprint: string;
  readonly notAfter: Date;
  readonly subjectAltName: string;
}

/** The certificate in `slot`; undefined when there is none. */
export function readCertificate(layout: Layout, slot: Slot): KeptCertificate | undefined {
  const path = join(layout.tls, slot, "certificate.pem");
  if (!existsSync(path)) return undefined;
  const pem = readFileSync(path, "utf8");
  const parsed = new X509Certificate(pem);
  return {
    pem,
    fingerprint: fingerprintOf(pem),
    notAfter: new Date(parsed.validTo),
    subjectAltName: parsed.subjectAltName ?? "",
  };
}

/** The private key that goes with the certificate in `slot`. */
export function readKey(layout: Layout, slot: Slot): string {
  return readFileSync(join(layout.tls, slot, "key.pem"), "utf8");
}

/** Keeps `made` and points `slot` to it: certificate and key change in one step. */
export function keepCertificate(layout: Layout, slot: Slot, made: KeyedCertificate): void {
  const id = fingerprintOf(made.certificate).slice("sha256:".length, "sha256:".length + 16);
  const folder = join(layout.tls, id);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileAtomically(join(folder, "key.pem"), made.key, { mode: 0o600 });
  writeFileAtomically(join(folder, "certificate.pem"), made.certificate, { mode: 0o644 });
  pointLink(join(layout.tls, slot), id);
}

/** What the slots point to, to be put back by `restoreSlots`. */
export function rememberSlots(layout: Layout): Readonly<Record<Slot, string | undefined>> {
  return { current: targetOf(layout, "current"), next: targetOf(layout, "next") };
}

/** Points the slots to where they pointed when `slots` was taken. */
export function restoreSlots(layout: Layout, slots: Readonly<Record<Slot, string | undefined>>): void {
  for (const slot of ["current", "next"] as const) {
    const target = slots[slot];
    if (target === undefined) rmSync(join(layout.tls, slot), { force: true });
    else pointLink(join(layout.tls, slot), target);
  }
  publishTrust(layout);
}

/** Makes the announced certificate the served one. */
export function promoteNext(layout: Layout): void {
  const target = targetOf(layout, "next");
  if (target === undefined) throw new Error("no certificate is announced");
  pointLink(join(layout.tls, "current"), target);
  rmSync(join(layout.tls, "next"));
}

/** Writes the public file that clients follow: the current certificate, and the announced one. */
export function publishTrust(layout: Layout): void {
  const certificates = (["current", "next"] as const).map((slot) => readCertificate(layout, slot)?.pem ?? "");
  writeFileAtomically(layout.trust, certificates.join(""), { mode: 0o644 });
}

/** Removes certificates and keys that no slot points to. */
export function removeUnused(layout: Layout): void {
  const used = Object.values(rememberSlots(layout));
  for (const entry of readdirSync(layout.tls, { withFileTypes: true }))
    if (entry.isDirectory() && !used.includes(entry.name)) rmSync(join(layout.tls, entry.name), { recursive: true });
}

function targetOf(layout: Layout, slot: Slot): string | undefined {
  try {
    return readlinkSync(join(layout.tls, slot));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
