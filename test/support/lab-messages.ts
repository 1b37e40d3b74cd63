import type { FindingCode } from "../../src/findings/catalogue.ts";

/** What Docker 20.10, skopeo 1.9 and podman 4.3 said in front of what the lab breaks, names and addresses replaced. */
export const labMessages: readonly (readonly [FindingCode, string])[] = [
  [
    "RC-NET-003",
    'time="2026-11-25T03:23:04Z" level=fatal msg="Error parsing image name \\"docker://reg.test:443/app:1\\": pinging container registry reg.test:443: Get \\"https://reg.test:443/v2/\\": dial tcp 10.9.8.7:443: connect: permission denied"',
  ],
  ["RC-CFG-030", "Error response from daemon: Missing client certificate client.cert for key client.key"],
  [
    "RC-CFG-030",
    "Error response from daemon: open /etc/docker/certs.d/reg.test:443/old.crt: no such file or directory",
  ],
  [
    "RC-NET-011",
    'level=fatal msg="Error parsing image name \\"docker://reg.test/app:1\\": pinging container registry reg.test: invalid status code from registry 400 (Bad Request)"',
  ],
  [
    "RC-HTP-005",
    'Error response from daemon: Get "https://reg.test/registry/registry/v2/": stopped after 10 redirects',
  ],
  [
    "RC-AUT-010",
    "Error response from daemon: error parsing HTTP 403 response body: invalid character '<' looking for beginning of value: \"<html>\\r\\n<head><title>403 Forbidden</title></head>\"",
  ],
  [
    "RC-AUT-011",
    'level=fatal msg="Error parsing image name \\"docker://reg.test/app:1\\": Get \\"https://reg.test:5999/token?account=xl&scope=repository%3Aapp%3Apull&service=lab\\": dial tcp 10.9.8.7:5999: connect: connection refused"',
  ],
  [
    "RC-AUT-011",
    'Get "https://auth.internal/token?account=xl&scope=repository%3Aapp%3Apull&service=lab": dial tcp: lookup auth.internal on [::1]:53: read udp [::1]:44273->[::1]:53: read: connection refused',
  ],
  [
    "RC-AUT-006",
    'level=fatal msg="Error parsing image name \\"docker://reg.test/app:1\\": Requesting bearer token: invalid status code from registry 500 (Internal Server Error)"',
  ],
  [
    "RC-PSH-009",
    "Error: writing blob: uploading layer chunked: StatusCode: 400, <html>\r\n<head><title>400 The plain HTTP request wa...",
  ],
  [
    "RC-PSH-010",
    'Error: writing blob: Patch "https://127.0.0.1:5000/v2/app/blobs/uploads/bcf299bd-b2d0-4886-995a-ac104d56ca0f?_state=J9IU": dial tcp 127.0.0.1:5000: connect: connection refused',
  ],
  ["RC-PSH-011", "Error: writing blob: determining upload URL: http: no Location header in response"],
  [
    "RC-PSH-017",
    "Error: writing blob: initiating layer upload to /v2/app/blobs/uploads/ in reg.test:443: StatusCode: 403, <html>\r\n<head><title>403 Forbidden</title></head>...",
  ],
];
