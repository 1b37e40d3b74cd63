import forge from "node-forge";

const { asn1 } = forge;

/** An element to be written in DER (X.690). */
export type Asn1 = forge.asn1.Asn1;

export function sequence(...children: Asn1[]): Asn1 {
  return asn1.create(asn1.Class.UNIVERSAL, asn1.Type.SEQUENCE, true, children);
}

export function set(...children: Asn1[]): Asn1 {
  return asn1.create(asn1.Class.UNIVERSAL, asn1.Type.SET, true, children);
}

export function context(tag: number, constructed: boolean, value: Asn1[] | string): Asn1 {
  return asn1.create(asn1.Class.CONTEXT_SPECIFIC, tag, constructed, value);
}

export function oid(dotted: string): Asn1 {
  return asn1.create(asn1.Class.UNIVERSAL, asn1.Type.OID, false, asn1.oidToDer(dotted).getBytes());
}

export function integer(bytes: Buffer): Asn1 {
  return asn1.create(asn1.Class.UNIVERSAL, asn1.Type.INTEGER, false, latin1(bytes));
}

export function boolean(value: boolean): Asn1 {
  return asn1.create(asn1.Class.UNIVERSAL, asn1.Type.BOOLEAN, false, value ? "\u00ff" : "\u0000");
}

export function octetString(bytes: Uint8Array): Asn1 {
  return asn1.create(asn1.Class.UNIVERSAL, asn1.Type.OCTETSTRING, false, latin1(bytes));
}

export function bitString(bytes: Uint8Array, unused = 0): Asn1 {
  const content = String.fromCharCode(unused) + latin1(bytes);
  return asn1.create(asn1.Class.UNIVERSAL, asn1.Type.BITSTRING, false, content);
}

export function utf8(text: string): Asn1 {
  return asn1.create(asn1.Class.UNIVERSAL, asn1.Type.UTF8, false, latin1(Buffer.from(text, "utf8")));
}

export function fromBytes(bytes: Uint8Array): Asn1 {
  return asn1.fromDer(latin1(bytes));
}

export function toBytes(element: Asn1): Uint8Array {
  return Uint8Array.from(Buffer.from(asn1.toDer(element).getBytes(), "latin1"));
}

export function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("latin1");
}

export function nullValue(): Asn1 {
  return asn1.create(asn1.Class.UNIVERSAL, asn1.Type.NULL, false, "");
}

/** UTCTime up to 2049 and GeneralizedTime from then on (RFC 5280 section 4.1.2.5); `time` in milliseconds. */
export function timeOf(time: number): Asn1 {
  const digits = new Date(time).toISOString().replaceAll(/[-:T]|\.\d+/g, "");
  const isShort = digits < "2050" && digits >= "1950";
  const type = isShort ? asn1.Type.UTCTIME : asn1.Type.GENERALIZEDTIME;
  return asn1.create(asn1.Class.UNIVERSAL, type, false, isShort ? digits.slice(2) : digits);
}
