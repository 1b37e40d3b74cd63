import type { MessageRow } from "../message-row.ts";

const TIMED_OUT =
  /dial tcp [^\s]+: (?:connect: connection timed out|i\/o timeout)|Connection timed out|Client\.Timeout exceeded while awaiting headers|ETIMEDOUT/;
const CONNECT = "nc -vz {host} {port}";

/** Names, routes, ports and handshakes, as Go, curl and Node put them. */
export const connectionRows: readonly MessageRow[] = [
  {
    pattern:
      /dial tcp: lookup (?<host>[\w.-]+)[^:]*: no such host|no such host|Could not resolve host: (?<name>[\w.-]+)|ENOTFOUND/,
    code: "RC-NET-001",
    weight: 92,
    confirm: "getent ahosts {host}",
  },
  {
    pattern:
      /lookup (?<host>[\w.-]+) on \S+: (?:server misbehaving|read udp .*(?:i\/o timeout|connection refused))|Temporary failure in name resolution|EAI_AGAIN/,
    code: "RC-NET-018",
    weight: 95,
    confirm: "getent ahosts {host}",
  },
  {
    pattern:
      /dial tcp (?:127\.[\d.]+|\[::1\]):\d+: connect: connection refused|connect to (?:localhost|127\.0\.0\.1) port \d+.*(?:refused|Couldn't connect)/,
    code: "RC-ENG-024",
    weight: 75,
    confirm: "docker info --format '{{.SecurityOptions}}'",
  },
  {
    pattern: /[Cc]onnection refused|ECONNREFUSED|Failed to connect to \S+ port \d+|Couldn't connect to server/,
    code: "RC-NET-002",
    weight: 70,
    confirm: CONNECT,
  },
  {
    pattern:
      /connect: (?:network is unreachable|no route to host|cannot assign requested address)|dial tcp \S+: connect: permission denied|No route to host|EHOSTUNREACH|ENETUNREACH/,
    code: "RC-NET-003",
    weight: 92,
    confirm: "ip route get {host}",
  },
  { pattern: TIMED_OUT, code: "RC-NET-004", weight: 80, confirm: CONNECT },
  {
    pattern: /net\/http: TLS handshake timeout/,
    code: "RC-NET-005",
    weight: 92,
    confirm: "openssl s_client -connect {authority} </dev/null",
  },
  {
    pattern: /TLS handshake timeout|request canceled while waiting for connection/,
    code: "RC-ENG-020",
    weight: 40,
    confirm: "docker info | grep -i proxy",
  },
  {
    pattern: /server gave HTTP response to HTTPS client/,
    code: "RC-NET-006",
    weight: 95,
    confirm: "curl -i http://{authority}/v2/",
  },
  {
    pattern: /server gave HTTP response to HTTPS client/,
    code: "RC-ENG-026",
    weight: 50,
    confirm: "docker info | grep -A5 -i 'insecure registries'",
  },
  {
    pattern: /server gave HTTP response to HTTPS client/,
    code: "RC-ENG-021",
    weight: 40,
    confirm: "docker info --format '{{.DriverStatus}}'",
  },
  {
    pattern: /client sent an HTTP request to an HTTPS server|The plain HTTP request was sent to HTTPS port/i,
    code: "RC-HTP-005",
    weight: 60,
    confirm: "curl -ik https://{authority}/v2/",
  },
  {
    pattern: /first record does not look like a TLS handshake|wrong version number|packet length too long/,
    code: "RC-NET-007",
    weight: 92,
    confirm: "curl -i http://{authority}/",
  },
  {
    pattern:
      /tls: protocol version not supported|unsupported protocol|tlsv1 alert protocol version|server selected unsupported protocol version/,
    code: "RC-NET-008",
    weight: 95,
    confirm: "openssl s_client -connect {authority} -tls1_2 </dev/null",
  },
  {
    pattern:
      /remote error: tls: (?:handshake failure|unrecognized name|internal error|no application protocol)|alert (?:handshake failure|unrecognized name|internal error)/,
    code: "RC-NET-009",
    weight: 90,
    confirm: "openssl s_client -connect {authority} </dev/null",
  },
  {
    pattern:
      /SSL_ERROR_SYSCALL|Client network socket disconnected before secure TLS connection|unexpected eof while reading/,
    code: "RC-NET-015",
    weight: 85,
    confirm: "openssl s_client -connect {authority} </dev/null",
  },
  {
    pattern: /(?:Get|Head|Post|Put|Patch) \\?"?https:\/\/[^\s"\\]+\\?"?: (?:unexpected )?EOF/,
    code: "RC-NET-015",
    weight: 75,
    confirm: "openssl s_client -connect {authority} </dev/null",
  },
  {
    pattern:
      /read: connection reset by peer|write: (?:connection reset by peer|broken pipe)|ECONNRESET|server closed idle connection|use of closed network connection/,
    code: "RC-NET-012",
    weight: 75,
  },
  { pattern: /Recv failure: Connection reset by peer|Empty reply from server/, code: "RC-NET-012", weight: 80 },
  {
    pattern: /proxyconnect tcp|Proxy Authentication Required|CONNECT tunnel failed|Received HTTP code \d+ from proxy/,
    code: "RC-ENG-020",
    weight: 95,
    confirm: "docker info | grep -i proxy",
  },
  {
    pattern: /(?:unexpected|Unexpected) (?:HTTP )?status:? (?:code )?503|Service Unavailable/,
    code: "RC-ENG-020",
    weight: 40,
    confirm: "docker info | grep -i proxy",
  },
];
