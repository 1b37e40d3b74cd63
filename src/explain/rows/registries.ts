import type { MessageRow } from "../message-row.ts";

const V2 = "curl -i https://{authority}/v2/";
const MAY_WRITE = "regclient verify {name} --mode push-pull";
const CLOCKS = "date -u; curl -sI https://{authority}/v2/ | grep -i ^date";

/** What registries, token servers and the proxies before them answer. */
export const registryRows: readonly MessageRow[] = [
  {
    pattern:
      /invalid username\/password|incorrect username or password|unauthorized: (?:authentication required|incorrect username|invalid)|401 Unauthorized|401 \(Unauthorized\)/,
    code: "RC-AUT-001",
    weight: 70,
    confirm: "regclient login {name} --username USER",
  },
  {
    pattern:
      /(?:reading manifest|initiating layer upload|checking whether a blob) .*: (?:unauthorized|authentication required)|unauthorized: authentication required/,
    code: "RC-CRD-042",
    weight: 60,
    confirm: "docker login {authority}",
  },
  {
    pattern:
      /unauthorized: (?:invalid token|token)|token (?:is )?(?:expired|used before issued|not valid yet)|invalid_token|Signature has expired/i,
    code: "RC-AUT-008",
    weight: 88,
    confirm: CLOCKS,
  },
  {
    pattern: /failed to authorize: .*(?:failed to fetch (?:oauth|anonymous) token).*(?:401|403|unexpected status)/,
    code: "RC-AUT-001",
    weight: 72,
    confirm: "regclient login {name} --username USER",
  },
  {
    pattern: /(?:Get|Post) \\?"?http:\/\/[^\s"\\]+(?:token|auth)[^\s"\\]*/,
    code: "RC-AUT-004",
    weight: 92,
    confirm: "curl -si https://{authority}/v2/ | grep -i ^www-authenticate",
  },
  {
    pattern:
      /failed to fetch (?:oauth|anonymous) token: (?:unexpected status(?: from \w+ request)?: )?5\d\d|token endpoint .*5\d\d|error fetching token.*5\d\d/,
    code: "RC-AUT-006",
    weight: 88,
    confirm: V2,
  },
  {
    pattern:
      /authorization server did not include a token in the response|error parsing token|unable to decode token response/,
    code: "RC-AUT-007",
    weight: 95,
    confirm: V2,
  },
  {
    pattern: /unsupported auth scheme|no supported auth|unknown auth scheme/i,
    code: "RC-AUT-003",
    weight: 90,
    confirm: V2,
  },
  {
    pattern:
      /denied: requested access to the resource is denied|requested access to the resource is denied|insufficient_scope: authorization failed|(?:reading manifest|failed to read from destination repository) .*(?:denied|403 \(Forbidden\))|403 Forbidden|DENIED/,
    code: "RC-PSH-001",
    weight: 70,
    confirm: MAY_WRITE,
  },
  {
    pattern:
      /denied: requested access to the resource is denied|repository does not exist or may require 'docker login'|insufficient_scope: authorization failed/,
    code: "RC-NAM-020",
    weight: 60,
    confirm: "docker image ls",
  },
  {
    pattern: /(?:pull access denied for|push refers to repository \[docker\.io\/)\s*(?<image>[\w.-]+\/[\w./-]+)/,
    code: "RC-NAM-020",
    weight: 92,
    confirm: "docker image ls {image}",
  },
  {
    pattern: /pull access denied for|reading manifest .*: denied/,
    code: "RC-PSH-002",
    weight: 72,
    confirm: "regclient verify {name} --mode pull",
  },
  {
    pattern: /invalid status code from registry 403|unexpected status code \[\S+ \S+ "\S+\/v2\/"\]: 403/,
    code: "RC-AUT-010",
    weight: 85,
    confirm: V2,
  },
  {
    pattern:
      /(?:manifest|blob) unknown|manifest for (?<image>\S+) not found|NAME_UNKNOWN|MANIFEST_UNKNOWN|repository name not known to registry|: not found$/,
    code: "RC-PSH-003",
    weight: 78,
    confirm: "regclient verify {name} --mode pull",
  },
  {
    pattern: /413 Request Entity Too Large|StatusCode: 413|status(?: code)?:? 413|413 Payload Too Large/i,
    code: "RC-PSH-004",
    weight: 97,
    confirm: "grep -rn client_max_body_size /etc/nginx   # on the proxy",
  },
  { pattern: /invalid character '<' looking for beginning of value/, code: "RC-HTP-005", weight: 70, confirm: V2 },
  {
    pattern: /invalid character '<' looking for beginning of value/,
    code: "RC-PSH-004",
    weight: 50,
    confirm: "grep -rn client_max_body_size /etc/nginx   # on the proxy",
  },
  {
    pattern: /405[,:]? ?(?:\(?Method Not Allowed\)?)|StatusCode: 405|registry is in read-only mode/i,
    code: "RC-PSH-005",
    weight: 90,
    confirm: MAY_WRITE,
  },
  {
    pattern: /no space left on device|disk quota exceeded/i,
    code: "RC-PSH-007",
    weight: 90,
    confirm: "df -h   # on the registry's host, and here",
  },
  {
    pattern: /Retrying in \d+ seconds?/,
    code: "RC-PSH-006",
    weight: 45,
    confirm: "regclient verify {name} --via direct",
  },
  { pattern: /Retrying in \d+ seconds?/, code: "RC-PSH-007", weight: 40, confirm: "df -h   # on the registry's host" },
  {
    pattern:
      /(?:received unexpected HTTP status|unexpected status(?: from [A-Z]+ request)?(?: to \S+)?|status code from registry):? ?(?:\S+ )?5\d\d|50[0234] (?:Internal Server Error|Bad Gateway|Service Unavailable|Gateway Time-?out)/i,
    code: "RC-HTP-007",
    weight: 75,
    confirm: V2,
  },
  {
    pattern:
      /invalid status code from registry 404|login attempt to \S*\/v[12]\/? failed with status: 404|unexpected status code \[\S+ \S+ "\S+\/v[12]\/"\]/i,
    code: "RC-HTP-005",
    weight: 88,
    confirm: V2,
  },
  { pattern: /\/v1\/(?:users|_ping)|login attempt to \S*\/v1\//, code: "RC-HTP-020", weight: 80, confirm: V2 },
  {
    pattern:
      /toomanyrequests|TOOMANYREQUESTS|429 Too Many Requests|status(?: code)?:? 429|reached your (?:unauthenticated )?pull rate limit/i,
    code: "RC-PSH-008",
    weight: 96,
    confirm: "curl -sI https://{authority}/v2/ | grep -i -e retry-after -e ratelimit",
  },
  { pattern: /blob upload unknown|BLOB_UPLOAD_UNKNOWN/, code: "RC-PSH-012", weight: 88, confirm: MAY_WRITE },
  {
    pattern: /blob upload unknown|BLOB_UPLOAD_UNKNOWN|unsupported protocol scheme|(?:Put|Patch) \\?"?http:\/\//,
    code: "RC-PSH-009",
    weight: 65,
    confirm: MAY_WRITE,
  },
  {
    pattern: /(?:Put|Patch|Post) \\?"?http:\/\/[^\s"\\]+\/v2\/[^\s"\\]+\/blobs\/uploads\//,
    code: "RC-PSH-009",
    weight: 95,
    confirm: MAY_WRITE,
  },
  { pattern: /blob upload invalid|BLOB_UPLOAD_INVALID/, code: "RC-PSH-013", weight: 92, confirm: MAY_WRITE },
  {
    pattern: /MANIFEST_BLOB_UNKNOWN|manifest blob unknown|blob unknown to registry/i,
    code: "RC-PSH-015",
    weight: 82,
    confirm: MAY_WRITE,
  },
  {
    pattern:
      /manifest\.v1\+(?:json|prettyjws)|schema 1 .*(?:deprecated|removed|support)|schemaVersion 1|unsupported manifest media type|MANIFEST_INVALID/i,
    code: "RC-PSH-040",
    weight: 88,
    confirm: "skopeo inspect --raw docker://{image}",
  },
  {
    pattern:
      /digest did not match|DIGEST_INVALID|filesystem layer verification failed|unexpected commit digest|content does not match digest/i,
    code: "RC-PSH-014",
    weight: 90,
    confirm: MAY_WRITE,
  },
  {
    pattern: /invalid reference format|repository name must be lowercase|invalid repository name/,
    code: "RC-NAM-001",
    weight: 80,
    confirm: "regclient doctor {name}",
  },
];
