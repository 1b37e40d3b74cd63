import type { Certificate } from "../trust/certificate.ts";
import { parseFingerprint, pinMatches } from "../trust/fingerprint.ts";
import { parseAnchors } from "./anchors.ts";
import type { Declaration } from "./declaration.ts";
import type { EnrollRequest, Pass } from "./pass.ts";
import type { Anchor, RegistryState } from "./state.ts";

/** What is declared and recorded, as far as it has a say in who is trusted. */
export interface HeardWord {
  readonly declaration: Declaration;
  readonly state: RegistryState | undefined;
  /** A tree of others, and a password of this run: the tree has no say in where that goes. */
  readonly isTreeUnheard: boolean;
}

/**
 * Below another root, files that may come from others decide whom to trust. A password that is given in this run must
 * not go to whoever they name: of pins, realms and trusted certificates, only what this command line says too counts then.
 */
export function hearTree(
  pass: Pass,
  request: EnrollRequest,
  declaration: Declaration,
  state: RegistryState | undefined,
): HeardWord {
  if (pass.host.files.root === "/" || !takesPassword(request, declaration, state))
    return { declaration, state, isTreeUnheard: false };
  const { fingerprints = [], realms = [] } = request.overrides;
  const { caFile: _file, caUrl: _url, ...trust } = declaration.trust;
  const anchors = (state?.anchors ?? []).filter((anchor) => isNamed(request, anchor));
  if (anchors.length < (state?.anchors.length ?? 0) || isMoreDeclared(declaration, fingerprints))
    pass.watch.note("what the tree below --root trusts does not count, as a password is given; this command line does");
  return {
    declaration: {
      ...declaration,
      trust: { ...trust, fingerprints: [...fingerprints], nextFingerprints: [], sources: [] },
      credentials: { ...declaration.credentials, realms: [...realms] },
    },
    state: state && { ...state, anchors, sources: [], announced: [] },
    isTreeUnheard: true,
  };
}

/** A password is given, or somebody will be asked for one. */
function takesPassword(request: EnrollRequest, declaration: Declaration, state: RegistryState | undefined): boolean {
  if (request.password !== undefined) return true;
  const stored = state?.credential?.username;
  const username = declaration.credentials.username ?? stored;
  return request.askPassword !== undefined && username !== undefined && username !== stored;
}

function isMoreDeclared({ trust }: Declaration, said: readonly string[]): boolean {
  if (trust.caFile !== undefined || trust.caUrl !== undefined) return true;
  if ((trust.sources ?? []).length > 0) return true;
  return trust.fingerprints.some((each) => !said.includes(each));
}

/** The certificates themselves are looked at: what a record says of them is the tree's word again. */
function isNamed(request: EnrollRequest, anchor: Anchor): boolean {
  const certificates = parseAnchors([anchor]);
  return certificates.length > 0 && certificates.every((each) => isNamedCertificate(request, each));
}

function isNamedCertificate({ overrides, supplied }: EnrollRequest, certificate: Certificate): boolean {
  if (supplied?.certificates.some((each) => each.fingerprint === certificate.fingerprint) === true) return true;
  return (overrides.fingerprints ?? []).some((text) => {
    const pin = parseFingerprint(text);
    return pin.ok && pinMatches(pin.value, certificate);
  });
}
