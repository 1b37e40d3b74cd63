import type { FindingCode } from "../../src/findings/catalogue.ts";
import { labMessages } from "./lab-messages.ts";

/** Lines as clients print them, with names and addresses replaced, and the finding that should come first. */
export const clientMessages: readonly (readonly [FindingCode, string])[] = [
  // docker login, 28.2
  [
    "RC-TLS-006",
    'Get "https://reg.test:5000/v2/": tls: failed to verify certificate: x509: certificate signed by unknown authority',
  ],
  [
    "RC-TLS-002",
    `time="2026-11-25T02:32:47Z" level=info msg="Error logging in to endpoint, trying next endpoint" endpoint="{false https://10.9.8.7:5000 false false false 0xc000476960}" error="Get \\"https://10.9.8.7:5000/v2/\\": tls: failed to verify certificate: x509: cannot validate certificate for 10.9.8.7 because it doesn't contain any IP SANs"`,
  ],
  ["RC-NET-005", 'Get "https://reg.test:5000/v2/": net/http: TLS handshake timeout'],
  ["RC-NET-015", 'Get "https://reg.test:5000/v2/": EOF'],
  ["RC-NET-007", 'Get "https://reg.test:5000/v2/": tls: first record does not look like a TLS handshake'],
  ["RC-NET-008", 'Get "https://reg.test:5000/v2/": remote error: tls: protocol version not supported'],
  ["RC-NET-002", 'Get "https://reg.test:5000/v2/": dial tcp 10.9.8.7:5000: connect: connection refused'],
  ["RC-CFG-030", "missing client certificate domain.cert for key domain.key"],
  ["RC-CFG-030", "missing key ca.key for client certificate ca.cert. CA certificates must use the extension .crt"],
  // the Docker Engine
  [
    "RC-NET-006",
    'Error response from daemon: Get "https://10.9.8.7:5000/v2/": http: server gave HTTP response to HTTPS client',
  ],
  [
    "RC-NET-001",
    'Error response from daemon: Get "https://devregistry/v2/": dial tcp: lookup devregistry on 10.0.0.2:53: no such host',
  ],
  [
    "RC-NET-018",
    'Error response from daemon: Get "https://reg.test/v2/": dial tcp: lookup reg.test on 10.0.0.2:53: read udp 10.0.0.9:40000->10.0.0.2:53: i/o timeout',
  ],
  [
    "RC-NET-018",
    'Error response from daemon: Get "https://reg.test/v2/": dial tcp: lookup reg.test on 127.0.0.53:53: server misbehaving',
  ],
  ["RC-NET-004", 'Error response from daemon: Get "https://reg.test/v2/": dial tcp 10.9.8.7:443: i/o timeout'],
  [
    "RC-NET-004",
    'Error response from daemon: Get "https://reg.test/v2/": net/http: request canceled while waiting for connection (Client.Timeout exceeded while awaiting headers)',
  ],
  [
    "RC-NET-003",
    'Error response from daemon: Get "https://reg.test/v2/": dial tcp [2001:db8::5]:443: connect: network is unreachable',
  ],
  [
    "RC-NET-003",
    'Error response from daemon: Get "https://reg.test/v2/": dial tcp 10.9.8.7:443: connect: no route to host',
  ],
  [
    "RC-TLS-001",
    'Error response from daemon: Get "https://devregistry/v2/": tls: failed to verify certificate: x509: certificate relies on legacy Common Name field, use SANs instead',
  ],
  [
    "RC-TLS-003",
    'Error response from daemon: Get "https://reg.test/v2/": tls: failed to verify certificate: x509: certificate is valid for other.test, not reg.test',
  ],
  [
    "RC-TLS-004",
    'Error response from daemon: Get "https://reg.test/v2/": tls: failed to verify certificate: x509: certificate has expired or is not yet valid: current time 2026-11-25T02:00:00Z is after 2026-11-01T00:00:00Z',
  ],
  [
    "RC-TLS-005",
    'Error response from daemon: Get "https://reg.test/v2/": x509: certificate has expired or is not yet valid: current time 2026-11-25T02:00:00Z is before 2026-12-01T00:00:00Z',
  ],
  [
    "RC-TLS-008",
    'Error response from daemon: Get "https://reg.test/v2/": tls: failed to verify certificate: x509: certificate signed by unknown authority (possibly because of "crypto/rsa: verification error" while trying to verify candidate authority certificate "Corp CA")',
  ],
  [
    "RC-TLS-009",
    'Get "https://reg.test/v2/": x509: certificate signed by unknown authority (possibly because of "x509: invalid signature: parent certificate cannot sign this kind of certificate" while trying to verify candidate authority certificate "X")',
  ],
  ["RC-TLS-010", 'Get "https://reg.test/v2/": x509: cannot verify signature: insecure algorithm SHA1-RSA'],
  ["RC-TLS-011", 'Get "https://reg.test/v2/": x509: certificate specifies an incompatible key usage'],
  ["RC-CRD-042", "no basic auth credentials"],
  [
    "RC-NAM-020",
    "Error response from daemon: pull access denied for devregistry/app, repository does not exist or may require 'docker login': denied: requested access to the resource is denied",
  ],
  ["RC-NAM-020", "The push refers to repository [docker.io/devregistry/app]"],
  ["RC-PSH-001", "denied: requested access to the resource is denied"],
  [
    "RC-AUT-001",
    "Error response from daemon: login attempt to https://reg.test/v2/ failed with status: 401 Unauthorized",
  ],
  ["RC-HTP-005", "Error response from daemon: login attempt to https://reg.test/v2/ failed with status: 404 Not Found"],
  [
    "RC-PSH-003",
    "Error response from daemon: manifest for reg.test:5000/team/app:latest not found: manifest unknown: manifest unknown",
  ],
  ["RC-HTP-007", "received unexpected HTTP status: 500 Internal Server Error"],
  ["RC-HTP-007", "received unexpected HTTP status: 502 Bad Gateway"],
  [
    "RC-HTP-005",
    "error parsing HTTP 404 response body: invalid character '<' looking for beginning of value: \"<html>\\r\\n<head><title>404 Not Found</title></head>\"",
  ],
  [
    "RC-PSH-004",
    "error parsing HTTP 413 response body: invalid character '<' looking for beginning of value: \"<html>\\r\\n<head><title>413 Request Entity Too Large</title></head>\\r\\n\"",
  ],
  [
    "RC-PSH-008",
    "toomanyrequests: You have reached your unauthenticated pull rate limit. https://www.docker.com/increase-rate-limit",
  ],
  [
    "RC-ENG-020",
    'Error response from daemon: Get "https://reg.test/v2/": proxyconnect tcp: dial tcp 10.9.8.9:3128: connect: connection refused',
  ],
  ["RC-ENG-020", 'Error response from daemon: Get "https://reg.test/v2/": Proxy Authentication Required'],
  [
    "RC-ENG-024",
    'Error response from daemon: Get "https://localhost:5000/v2/": dial tcp 127.0.0.1:5000: connect: connection refused',
  ],
  ["RC-ENG-001", "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?"],
  [
    "RC-ENG-027",
    "permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock",
  ],
  [
    "RC-CFG-034",
    "unable to configure the Docker daemon with file /etc/docker/daemon.json: invalid character '}' looking for beginning of object key string",
  ],
  [
    "RC-PSH-040",
    "Error response from daemon: [DEPRECATION NOTICE] Docker Image Format v1 and Docker Image manifest version 2, schema 1 support is disabled by default",
  ],
  [
    "RC-PSH-014",
    "filesystem layer verification failed for digest sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
  ],
  ["RC-PSH-012", "blob upload unknown to registry"],
  ["RC-PSH-013", "blob upload invalid"],
  ["RC-PSH-007", "error: mkdir /var/lib/registry/docker: no space left on device"],
  ["RC-PSH-006", "c85de82f7789: Retrying in 5 seconds"],
  [
    "RC-PSH-009",
    'Put "http://reg.test/v2/team/app/blobs/uploads/7b1c?_state=abc&digest=sha256%3A44": dial tcp 10.9.8.7:80: connect: connection refused',
  ],
  ["RC-NAM-001", "invalid reference format: repository name (Team/App) must be lowercase"],
  // logins that cannot be kept or found
  [
    "RC-CRD-043",
    "Error saving credentials: error storing credentials - err: exit status 1, out: `Cannot autolaunch D-Bus without X11 $DISPLAY`",
  ],
  [
    "RC-CRD-043",
    "error getting credentials - err: exit status 1, out: `The name org.freedesktop.secrets was not provided by any .service files`",
  ],
  [
    "RC-CRD-040",
    'error getting credentials - err: exec: "docker-credential-desktop": executable file not found in $PATH, out: ``',
  ],
  [
    "RC-CRD-044",
    'error storing credentials - err: exit status 1, out: `pass not initialized: exit status 1: Error: password store is empty. Try "pass init".`',
  ],
  ["RC-CRD-041", "WARNING! Your password will be stored unencrypted in /root/.docker/config.json."],
  [
    "RC-CFG-003",
    "WARNING: Error loading config file: /root/.docker/config.json: invalid character 'a' looking for beginning of object key string",
  ],
  // podman and skopeo
  [
    "RC-TLS-006",
    'Error: authenticating creds for "reg.test:5000": pinging container registry reg.test:5000: Get "https://reg.test:5000/v2/": x509: certificate signed by unknown authority',
  ],
  ["RC-AUT-001", 'Error: logging into "reg.test:5000": invalid username/password'],
  [
    "RC-AUT-004",
    'Error: authenticating creds for "reg.test:5000": Get "http://10.9.8.7:1/token?account=u&service=x": dial tcp 10.9.8.7:1: connect: connection refused',
  ],
  [
    "RC-HTP-005",
    'Error: authenticating creds for "reg.test:5000": pinging container registry reg.test:5000: invalid status code from registry 404 (Not Found)',
  ],
  [
    "RC-HTP-007",
    'Error: authenticating creds for "reg.test:5000": pinging container registry reg.test:5000: invalid status code from registry 503 (Service Unavailable)',
  ],
  [
    "RC-AUT-010",
    'Error: authenticating creds for "reg.test:5000": pinging container registry reg.test:5000: invalid status code from registry 403 (Forbidden)',
  ],
  [
    "RC-CRD-042",
    'time="2026-11-25T02:33:58Z" level=fatal msg="Error parsing image name \\"docker://reg.test:5000/team/app:latest\\": reading manifest latest in reg.test:5000/team/app: unauthorized"',
  ],
  [
    "RC-HTP-005",
    'time="2026-11-25T02:33:59Z" level=fatal msg="Error parsing manifest for image: invalid character \'<\' looking for beginning of value"',
  ],
  [
    "RC-PSH-002",
    'time="2026-11-25T02:34:40Z" level=fatal msg="Error parsing image name \\"docker://reg.test:5000/team/app:latest\\": reading manifest latest in reg.test:5000/team/app: denied"',
  ],
  [
    "RC-PSH-001",
    'time="2026-11-25T02:34:40Z" level=fatal msg="writing blob: failed to read from destination repository team/app: 403 (Forbidden)"',
  ],
  [
    "RC-PSH-003",
    'time="2026-11-25T02:34:40Z" level=fatal msg="Error parsing image name \\"docker://reg.test:5000/team/app:latest\\": reading manifest latest in reg.test:5000/team/app: manifest unknown: manifest unknown"',
  ],
  [
    "RC-PSH-005",
    'time="2026-11-25T02:34:40Z" level=fatal msg="writing blob: initiating layer upload to /v2/team/app/blobs/uploads/ in reg.test:5000: StatusCode: 405, Method not allowed\\n"',
  ],
  [
    "RC-PSH-004",
    'time="2026-11-25T02:34:41Z" level=fatal msg="writing blob: initiating layer upload to /v2/team/app/blobs/uploads/ in reg.test:5000: StatusCode: 413, <html>\\r\\n<head><title>413 Request Entity Too Large<..."',
  ],
  // curl
  ["RC-TLS-006", "curl: (60) SSL certificate problem: self-signed certificate"],
  ["RC-NET-015", "curl: (35) OpenSSL SSL_connect: SSL_ERROR_SYSCALL in connection to reg.test:5000"],
  ["RC-NET-007", "curl: (35) OpenSSL/3.0.22: error:0A00010B:SSL routines::wrong version number"],
  ["RC-NET-002", "curl: (7) Failed to connect to 10.9.8.7 port 1 after 0 ms: Couldn't connect to server"],
  ["RC-NET-001", "curl: (6) Could not resolve host: devregistry"],
  ["RC-TLS-003", "curl: (60) SSL: no alternative certificate subject name matches target host name 'reg.test'"],
  // containerd: ctr, crictl, nerdctl, the kubelet
  [
    "RC-TLS-006",
    "ctr: failed to do request: Head https://reg.test/v2/library/nginx/manifests/1.10.1-alpine:x509: certificate signed by unknown authority",
  ],
  [
    "RC-NET-006",
    'FATA[0000] failed to resolve reference "reg.test:5000/flannel:v0.14.0": failed to do request: Head "https://reg.test:5000/v2/flannel/manifests/v0.14.0": http: server gave HTTP response to HTTPS client',
  ],
  [
    "RC-NET-006",
    'FATA[0000] pulling image failed: rpc error: code = Unknown desc = failed to pull and unpack image "reg.test:5000/myjenkins:latest": failed to resolve reference "reg.test:5000/myjenkins:latest": failed to do request: Head https://reg.test:5000/v2/myjenkins/manifests/latest: http: server gave HTTP response to HTTPS client',
  ],
  [
    "RC-TLS-006",
    'Failed to pull image "reg.test/app:1": failed to pull and unpack image "reg.test/app:1": failed to resolve reference "reg.test/app:1": failed to do request: Head "https://reg.test/v2/app/manifests/1": tls: failed to verify certificate: x509: certificate signed by unknown authority',
  ],
  [
    "RC-CFG-031",
    'failed to resolve reference "reg.test/app:1": unable to load CA cert "/etc/containerd/certs.d/reg.test/ca.crt"',
  ],
  [
    "RC-PSH-001",
    'FATA[0000] failed to resolve reference "reg.test/app:latest": unexpected status from HEAD request to https://reg.test/v2/app/manifests/latest: 403 Forbidden',
  ],
  // BuildKit
  [
    "RC-ENG-022",
    'ERROR: failed to authorize: failed to fetch anonymous token: Get "https://reg.test:20202/auth?scope=repository%3Aa%3Apull&service=x": tls: failed to verify certificate: x509: certificate signed by unknown authority',
  ],
  [
    "RC-ENG-023",
    'ERROR: failed to solve: reg.test:30003/app:v1: failed to do request: Head "https://reg.test:30003/v2/app/manifests/v1": x509: certificate signed by unknown authority',
  ],
  [
    "RC-ENG-023",
    'ERROR: failed to push reg.test:5000/app: failed to do request: Head "https://reg.test:5000/v2/app/blobs/sha256:44": http: server gave HTTP response to HTTPS client',
  ],
  ["RC-AUT-001", "#4 ERROR: failed to authorize: failed to fetch oauth token: unexpected status: 401 Unauthorized"],
  [
    "RC-AUT-007",
    "error: failed to solve: failed to fetch oauth token: authorization server did not include a token in the response",
  ],
  [
    "RC-NET-012",
    '#3 ERROR: failed to authorize: failed to fetch oauth token: Post "https://auth.reg.test/token": read: connection reset by peer',
  ],
  [
    "RC-NET-011",
    '#3 ERROR: failed to authorize: failed to fetch oauth token: Post "https://reg.test/auth/token": remote error: tls: bad certificate',
  ],
  ...labMessages,
];
