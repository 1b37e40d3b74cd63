import { secret, type Secret } from "../credentials/secret.ts";
import { printable } from "../findings/problem.ts";
import type { Terminal } from "../host/ports.ts";
import type { RegistryName } from "../registry/name.ts";
import type { Certificate } from "../trust/certificate.ts";
import { parseFingerprint, pinMatches, showFingerprint } from "../trust/fingerprint.ts";

/**
 * Shows what a server sent and lets a person compare it. Gives the certificate to trust: after "yes" the last of the
 * chain, after a pasted fingerprint the one that has it; undefined for anything else.
 */
export async function confirmCertificate(
  terminal: Terminal,
  name: RegistryName,
  candidates: readonly Certificate[],
): Promise<Certificate | undefined> {
  const shown = candidates.flatMap((each, index) => describe(each, index === 0 ? "server" : "issuer"));
  terminal.writeErr(
    [
      `Nobody has vouched for the certificate of ${name.authority} yet:`,
      ...shown,
      "Compare the server's fingerprint with what the registry's own host says:",
      "  openssl x509 -in server.crt -noout -fingerprint -sha256",
      "",
    ].join("\n"),
  );
  const answer = await terminal.ask("Trust it? Type yes, or paste the fingerprint you have: ", { hidden: false });
  if (answer?.trim().toLowerCase() === "yes") return candidates.at(-1);
  const pasted = answer === undefined ? undefined : parseFingerprint(answer);
  return pasted?.ok === true ? candidates.find((each) => pinMatches(pasted.value, each)) : undefined;
}

/** Names in a certificate are whatever its maker wrote: they must not look like lines of ours. */
function describe(certificate: Certificate, role: string): readonly string[] {
  const day = (time: number): string => new Date(time).toISOString().slice(0, 10);
  const { subject, issuer, notBefore, notAfter, keyType } = certificate;
  return [
    `  ${role.padEnd(11)}  ${printable(subject)}`,
    `  issued by    ${printable(issuer)}`,
    `  valid        ${day(notBefore)} to ${day(notAfter)}, ${keyType}`,
    `  fingerprint  ${showFingerprint(certificate)}`,
  ];
}

/** Asks for a password without showing it; undefined when none is given. */
export async function askPassword(
  terminal: Terminal,
  username: string,
  name: RegistryName,
): Promise<Secret | undefined> {
  const answer = await terminal.ask(`Password of ${printable(username)} at ${name.authority}: `, { hidden: true });
  return answer === undefined || answer === "" ? undefined : secret(answer);
}

/** Asks whether a password that lies open in a file is to be moved. */
export async function confirmMigration(terminal: Terminal, path: string, username: string): Promise<boolean> {
  const told = printable(`${path} holds the password of ${username} for everybody who can read the file.`);
  terminal.writeErr(`${told}\n`);
  const answer = await terminal.ask("Move it into the vault, and take it out of there? [y/N] ", { hidden: false });
  return /^y(es)?$/i.test(answer?.trim() ?? "");
}
