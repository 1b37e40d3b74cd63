import { secret, type Secret } from "../credentials/secret.ts";
import type { Terminal } from "../host/ports.ts";
import type { RegistryName } from "../registry/name.ts";
import type { Certificate } from "../trust/certificate.ts";
import { parseFingerprint, pinMatches, showFingerprint } from "../trust/fingerprint.ts";

/** Shows a certificate and lets a person compare it. True for "yes" or for the same fingerprint, pasted. */
export async function confirmCertificate(
  terminal: Terminal,
  name: RegistryName,
  candidate: Certificate,
): Promise<boolean> {
  const day = (time: number): string => new Date(time).toISOString().slice(0, 10);
  terminal.writeErr(
    [
      `Nobody has vouched for the certificate of ${name.authority} yet:`,
      `  subject      ${candidate.subject}`,
      `  issuer       ${candidate.issuer}`,
      `  valid        ${day(candidate.notBefore)} to ${day(candidate.notAfter)}, ${candidate.keyType}`,
      `  fingerprint  ${showFingerprint(candidate)}`,
      "Compare it with what the registry's own host says:",
      "  openssl x509 -in server.crt -noout -fingerprint -sha256",
      "",
    ].join("\n"),
  );
  const answer = await terminal.ask("Trust it? Type yes, or paste the fingerprint you have: ", { hidden: false });
  if (answer?.trim().toLowerCase() === "yes") return true;
  const pasted = answer === undefined ? undefined : parseFingerprint(answer);
  return pasted?.ok === true && pinMatches(pasted.value, candidate);
}

/** Asks for a password without showing it; undefined when none is given. */
export async function askPassword(
  terminal: Terminal,
  username: string,
  name: RegistryName,
): Promise<Secret | undefined> {
  const answer = await terminal.ask(`Password of ${username} at ${name.authority}: `, { hidden: true });
  return answer === undefined || answer === "" ? undefined : secret(answer);
}

/** Asks whether a password that lies open in a file is to be moved. */
export async function confirmMigration(terminal: Terminal, path: string, username: string): Promise<boolean> {
  terminal.writeErr(`${path} holds the password of ${username} for everybody who can read the file.\n`);
  const answer = await terminal.ask("Move it into the vault, and take it out of there? [y/N] ", { hidden: false });
  return /^y(es)?$/i.test(answer?.trim() ?? "");
}
