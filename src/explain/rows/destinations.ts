import type { MessageRow } from "../message-row.ts";

const V2 = "curl -i https://{authority}/v2/";
const MAY_WRITE = "regclient doctor {name}";

/** What clients say when a registry, or a proxy in front of it, sent them where they could not go on: for uploads, for tokens. */
export const destinationRows: readonly MessageRow[] = [
  {
    pattern: /The plain HTTP request wa/,
    code: "RC-PSH-009",
    weight: 95,
    confirm: MAY_WRITE,
  },
  {
    pattern: /(?:Put|Patch) \\?"https:\/\/[^\s"\\]+\/blobs\/uploads\/[^\s"\\]*\\?": dial tcp/,
    code: "RC-PSH-010",
    weight: 99,
    confirm: MAY_WRITE,
  },
  { pattern: /no Location header in response/, code: "RC-PSH-011", weight: 92, confirm: MAY_WRITE },
  { pattern: /StatusCode: 403, <html/, code: "RC-PSH-017", weight: 92, confirm: MAY_WRITE },
  {
    pattern: /parsing HTTP 403 response body: invalid character '<'/,
    code: "RC-AUT-010",
    weight: 88,
    confirm: V2,
  },
  {
    pattern: /Get \\?"https:\/\/[^\s"\\]+[?&](?:scope|service)=[^\s"\\]*\\?": dial tcp/,
    code: "RC-AUT-011",
    weight: 99,
    confirm: V2,
  },
  {
    pattern: /Requesting bearer token: invalid status code from registry 5\d\d/,
    code: "RC-AUT-006",
    weight: 92,
    confirm: V2,
  },
  { pattern: /stopped after 10 redirects/, code: "RC-HTP-005", weight: 80, confirm: V2 },
  { pattern: /invalid status code from registry 400 \(Bad Request\)/, code: "RC-NET-011", weight: 60, confirm: V2 },
];
