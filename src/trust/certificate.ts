/** One X.509 certificate, read once into plain data (RFC 5280). */
export interface Certificate {
  readonly der: Uint8Array;
  /** PEM with LF line ends and a final newline. */
  readonly pem: string;
  /** SHA-256 of the DER, 64 lowercase hex digits. */
  readonly fingerprint: string;
  /** SHA-256 of the SubjectPublicKeyInfo DER, 64 lowercase hex digits (RFC 7469 section 2.4). */
  readonly spkiFingerprint: string;
  /** RFC 4514-like, for people. */
  readonly subject: string;
  readonly issuer: string;
  /** DER of the names, hex: what issuing is matched by. */
  readonly subjectKey: string;
  readonly issuerKey: string;
  /** Hex. */
  readonly serial: string;
  /** Milliseconds since the epoch. */
  readonly notBefore: number;
  readonly notAfter: number;
  readonly commonName: string | undefined;
  readonly hasSubjectAltName: boolean;
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
  /** undefined: no basicConstraints extension. */
  readonly isCA: boolean | undefined;
  readonly pathLength: number | undefined;
  /** undefined: no keyUsage extension, which allows all. */
  readonly keyUsage: readonly string[] | undefined;
  /** Dotted OIDs; undefined: no extension, which allows all. */
  readonly extendedKeyUsage: readonly string[] | undefined;
  /** Dotted OID and the name people know: `sha256WithRSAEncryption`. */
  readonly signatureAlgorithm: string;
  /** `RSA 2048`, `ECDSA P-256`, `Ed25519`. */
  readonly keyType: string;
  readonly version: number;
}
