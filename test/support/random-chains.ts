import fc from "fast-check";
import { rowAddress, rowHost, type GoRow } from "./go-rows.ts";
import { clientAuth, makeCA, makeKey, makeLeaf, serverAuth, type CertificateRequest, type Identity } from "./pki.ts";

/** A recipe for one CA; `issuer` counts in the list of those before it, and signs itself when there is none. */
interface Recipe {
  readonly name: string;
  readonly key: number;
  readonly issuer: number;
  readonly traits: CertificateRequest;
  readonly isServed: boolean;
  readonly isAnchor: boolean;
}

const DAY = 86_400_000;
const anyServer = "2.5.29.37.0";

/**
 * `count` chains of a few CAs with names, keys and traits that collide and contradict each other, the same for the same
 * seed but for keys and times. None says what to expect: Go does.
 */
export function randomRows(seed: number, count: number, now: number): readonly GoRow[] {
  const keys = (["ec", "ec", "ec", "ed25519", "rsa", "rsa"] as const).map(makeKey);
  const keyAt = (index: number): ReturnType<typeof makeKey> => keys[index] ?? makeKey("ec");
  return fc.sample(scenario(now), { seed, numRuns: count }).map(({ cas, leaf, host, pinsLeaf }, index) => {
    const made: Identity[] = [];
    for (const recipe of cas) made.push(makeCA({ ...recipe.traits, ...placeOf(recipe, made), key: keyAt(recipe.key) }));
    const server = makeLeaf({ ...leaf.traits, ...placeOf(leaf, made), key: keyAt(leaf.key) });
    const pick = (flag: "isServed" | "isAnchor"): readonly Identity[] => made.filter((_, at) => cas[at]?.[flag]);
    return {
      title: `random chain ${index}`,
      host,
      isAddress: host === rowAddress,
      keyPem: server.keyPem,
      served: [server, ...pick("isServed").toReversed()].map(({ certificate }) => certificate),
      anchors: [...pick("isAnchor"), ...(pinsLeaf ? [server] : [])].map(({ certificate }) => certificate),
    };
  });
}

function placeOf({ name, issuer }: Recipe, made: readonly Identity[]): CertificateRequest {
  const above = made.at(-1 - issuer);
  return above === undefined ? { commonName: name } : { commonName: name, issuer: above };
}

function scenario(now: number): fc.Arbitrary<{
  readonly cas: readonly Recipe[];
  readonly leaf: Recipe;
  readonly host: string;
  readonly pinsLeaf: boolean;
}> {
  const root = recipe(fc.constantFrom("R1", "R2"), fc.constant(99), caTraits(now), 3);
  const middle = recipe(fc.constantFrom("M1", "M2", "R1"), fc.nat({ max: 2 }), caTraits(now), 1);
  const name = fc.constantFrom(rowHost, "leaf");
  return fc.record({
    cas: fc
      .tuple(fc.array(root, { minLength: 1, maxLength: 3 }), fc.array(middle, { maxLength: 4 }))
      .map(([roots, middles]) => [...roots, ...middles]),
    leaf: recipe(name, usually(fc.nat({ max: 1 }), fc.constant(99)), leafTraits(now), 0),
    host: fc.constantFrom(rowHost, rowHost, "a.reg.test", rowAddress),
    pinsLeaf: usually(fc.constant(false), fc.constant(true)),
  });
}

function recipe(
  name: fc.Arbitrary<string>,
  issuer: fc.Arbitrary<number>,
  traits: fc.Arbitrary<CertificateRequest>,
  anchorWeight: number,
): fc.Arbitrary<Recipe> {
  return fc.record({
    name,
    issuer,
    traits,
    key: fc.nat({ max: 5 }),
    isServed: fc.oneof({ weight: 2, arbitrary: fc.constant(true) }, fc.constant(false)),
    isAnchor: fc.oneof(
      { weight: anchorWeight, arbitrary: fc.constant(true) },
      { weight: 2, arbitrary: fc.constant(false) },
    ),
  });
}

function leafTraits(now: number): fc.Arbitrary<CertificateRequest> {
  const good = fc.constant<CertificateRequest>({ dns: [rowHost, "*.reg.test"], ip: [rowAddress] });
  const odd = fc.constantFrom<CertificateRequest>(
    {},
    { dns: ["other"] },
    { ip: ["10.1.1.1"] },
    { dns: ["*.test"] },
    { dns: ["*.reg.test"] },
  );
  const digest = usually(fc.constant<CertificateRequest>({}), fc.constant<CertificateRequest>({ digest: "sha1" }));
  return merge(usually(good, odd), digest, anyTraits(now));
}

function caTraits(now: number): fc.Arbitrary<CertificateRequest> {
  const constraints = fc.constantFrom<CertificateRequest>(
    { basicConstraints: "absent" },
    { basicConstraints: { ca: false } },
    { basicConstraints: { ca: true, pathLength: 0 } },
    { basicConstraints: { ca: true, pathLength: 1 } },
  );
  const usages = fc.constantFrom<CertificateRequest>({ keyUsage: ["digitalSignature"] }, { keyUsage: [] });
  const names = fc.constantFrom<CertificateRequest>(
    { nameConstraints: { permittedDns: ["test"] } },
    { nameConstraints: { permittedDns: [".test", "reg.test"] } },
    { nameConstraints: { excludedDns: ["a.reg.test"] } },
    { nameConstraints: { permittedIp: ["0a090000ffff0000"] } },
    { nameConstraints: { excludedIp: ["0a000000ff000000"], permittedDns: [""] } },
    { nameConstraints: { directory: true } },
    { dns: ["ca.other"] },
  );
  const plain = fc.constant<CertificateRequest>({});
  return merge(usually(plain, constraints), usually(plain, usages), usually(plain, names), anyTraits(now));
}

function anyTraits(now: number): fc.Arbitrary<CertificateRequest> {
  const plain = fc.constant<CertificateRequest>({});
  const rare = fc.constantFrom<CertificateRequest>(
    { notBefore: now - 2 * DAY, notAfter: now - DAY },
    { notBefore: now + DAY },
    { unknownCritical: ["1.2.3.4"] },
    { version: 1 },
    { extendedKeyUsage: [clientAuth] },
    { extendedKeyUsage: [clientAuth, serverAuth] },
    { extendedKeyUsage: [anyServer] },
    { extendedKeyUsage: ["1.2.3"] },
  );
  return merge(usually(plain, rare), usually(plain, fc.constant<CertificateRequest>({ keyIds: false })));
}

function usually<T>(common: fc.Arbitrary<T>, rare: fc.Arbitrary<T>): fc.Arbitrary<T> {
  return fc.oneof({ weight: 7, arbitrary: common }, { weight: 1, arbitrary: rare });
}

function merge(...parts: readonly fc.Arbitrary<CertificateRequest>[]): fc.Arbitrary<CertificateRequest> {
  return fc.tuple(...parts).map((all) => Object.assign({}, ...all) as CertificateRequest);
}
