import type { FindingCode } from "../../src/findings/catalogue.ts";
import type { Certificate } from "../../src/trust/certificate.ts";
import { makeLeaf, type CertificateRequest, type Identity } from "./pki.ts";

/** One case that Go has an opinion on: what is served, with which roots, under which name. */
export interface GoRow {
  readonly title: string;
  readonly host: string;
  readonly isAddress: boolean;
  readonly served: readonly Certificate[];
  readonly keyPem: string;
  readonly anchors: readonly Certificate[];
  /** The bytes of ca.crt in base64, where they are not those of a bundle of the anchors. */
  readonly caFile?: string;
  /** undefined: accepted. */
  readonly refused?: { readonly code: FindingCode; readonly text: string };
}

export const rowHost = "reg.test";
export const rowAddress = "10.9.8.7";

export type Refusal = GoRow["refused"];

export interface Shape {
  readonly leaf: Identity;
  readonly anchors: readonly Certificate[];
  readonly served?: readonly Certificate[];
  readonly host?: string;
}

export function row(title: string, { leaf, anchors, served, host = rowHost }: Shape, refused?: Refusal): GoRow {
  const isAddress = host === rowAddress;
  const base = { title, host, isAddress, keyPem: leaf.keyPem, anchors, served: served ?? [leaf.certificate] };
  return refused === undefined ? base : { ...base, refused };
}

/** A self-signed server certificate that is its own anchor. */
export function pinned(title: string, request: CertificateRequest, refused?: Refusal, host?: string): GoRow {
  const leaf = makeLeaf(request);
  return row(title, { leaf, anchors: [leaf.certificate], ...(host === undefined ? {} : { host }) }, refused);
}
