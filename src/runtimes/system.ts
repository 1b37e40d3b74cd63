import { problem, type Problem } from "../findings/problem.ts";
import type { Certificate } from "../trust/certificate.ts";
import { loadLikeGo } from "../trust/go-pool.ts";
import type { ProgramId } from "./programs.ts";
import { wantNothing, type Runtime, type RuntimeCase, type RuntimeFile } from "./runtime.ts";

const DEBIAN = "/usr/local/share/ca-certificates";
const RED_HAT = "/etc/pki/ca-trust/source/anchors";

/**
 * The CAs of the whole system, for every program on it: Debian's update-ca-certificates wants one certificate a file, and
 * so it is done for Red Hat's update-ca-trust. Never chosen by itself.
 */
export const systemRuntime: Runtime = {
  id: "system",
  title: "the system's own CA store",
  onRequestOnly: true,
  signs: {
    programs: ["update-ca-certificates", "update-ca-trust"],
    paths: [DEBIAN, RED_HAT],
  },
  looksAt: () => [],
  wants: (about) => {
    const files = filesFor(about);
    return {
      ...wantNothing("system"),
      files,
      warnings: leafWarnings(about),
      conflicts: files.length === 0 && about.bundle !== "" ? [problem("RC-RUN-042", { name: about.name.key })] : [],
      advice: files.length === 0 ? [] : [problem("RC-RUN-040", { name: about.name.key })],
    };
  },
  reads: (about) => filesFor(about).map(({ path }) => path),
  programAfter: (path, isRemoved) => programFor(path, isRemoved),
};

function filesFor(about: RuntimeCase): readonly RuntimeFile[] {
  const directory = directoryFor(about);
  const name = about.name.key.replaceAll(/[^A-Za-z0-9.-]/g, "_");
  return loadLikeGo(Buffer.from(about.bundle))
    .filter((each) => isOfUse(each, directory))
    .map((each) => ({
      path: `${directory}/regclient-${name}-${each.fingerprint.slice(0, 8)}.crt`,
      bytes: Buffer.from(each.pem),
      mode: 0o644,
    }));
}

function directoryFor({ found }: Pick<RuntimeCase, "found">): string {
  const sign = found?.sign ?? "";
  return sign.endsWith("/update-ca-trust") || sign === RED_HAT ? RED_HAT : DEBIAN;
}

/** A CA; or a certificate that signs itself, which p11-kit alone takes for no anchor. */
function isOfUse(certificate: Certificate, directory: string): boolean {
  return isAuthority(certificate) || (directory === DEBIAN && certificate.subjectKey === certificate.issuerKey);
}

function isAuthority({ isCA, version }: Certificate): boolean {
  return isCA === true || (isCA === undefined && version < 3);
}

function leafWarnings(about: RuntimeCase): readonly Problem[] {
  const leaves = loadLikeGo(Buffer.from(about.bundle)).filter((each) => !isAuthority(each));
  return leaves.map(({ subject }) => problem("RC-RUN-041", { name: about.name.key, subject }, [subject]));
}

function programFor(path: string, isRemoved: boolean): ProgramId | undefined {
  if (path.startsWith(`${RED_HAT}/`)) return "update-ca-trust";
  if (!path.startsWith(`${DEBIAN}/`)) return undefined;
  // without it, links to what is gone stay behind
  return isRemoved ? "update-ca-certificates --fresh" : "update-ca-certificates";
}
