import type { exitCodes } from "./problem.ts";

/** What is known of one failure. `{word}` is filled in from the case at hand. */
export interface FindingEntry {
  readonly exit: keyof typeof exitCodes;
  readonly summary: string;
  readonly cause: string;
  readonly fix: readonly string[];
}

const entries = {
  // NAM: names and references
  "RC-NAM-001": {
    exit: "usage",
    summary: "not a registry name: {name}",
    cause: "{reason}",
    fix: [
      "write the host as it stands in image names, with a port unless it is 443: devregistry, reg.example.com:5000, [fd00::5]:5000",
    ],
  },
  // CFG: configuration files and regclient's own records
  "RC-CFG-001": {
    exit: "usage",
    summary: "the declaration is wrong at {where}",
    cause: "{reason}",
    fix: ["correct that line, then run: regclient reconcile --dry-run"],
  },
  "RC-CFG-002": {
    exit: "host",
    summary: "regclient's own record {path} cannot be read",
    cause: "{reason}",
    fix: ["restore it from a backup, or move it away and run regclient enroll again with the same options"],
  },
  "RC-CFG-003": {
    exit: "usage",
    summary: "the Docker configuration {path} cannot be changed safely",
    cause: "{reason}",
    fix: ["correct the file: docker would not read it either", "or leave it alone: --no-docker-config"],
  },
  "RC-CFG-004": {
    exit: "usage",
    summary: "no registry is enrolled under the name {name}",
    cause: "there is no record of it below /var/lib/regclient/registries; enrolled are: {enrolled}",
    fix: ["regclient status", "regclient enroll {name} --address IP --fingerprint sha256:…"],
  },
  "RC-CFG-005": {
    exit: "usage",
    summary: "{option} cannot be used: {reason}",
    cause: "the value given is not one that can work",
    fix: ["regclient {command} --help"],
  },
  "RC-CFG-007": {
    exit: "usage",
    summary: "{message}",
    cause: "the command line is not one that regclient knows",
    fix: ["regclient --help"],
  },
  "RC-CFG-006": {
    exit: "usage",
    summary: "the file {path} cannot be read",
    cause: "{reason}",
    fix: ["ls -l {path}"],
  },
  // ALI: aliases in the hosts file
  "RC-ALI-001": {
    exit: "host",
    summary: "{name} already has another address in the hosts file; nothing was changed",
    cause: "a line that regclient did not write stands at {where}, and {address} was asked for",
    fix: ["remove that line, or enroll with the address it gives", "or leave the hosts file alone: --no-hosts"],
  },
  "RC-ALI-002": {
    exit: "host",
    summary: "{name} points to a loopback address; nothing was changed",
    cause:
      "Docker verifies no certificate of a name that leads to 127.0.0.0/8 or ::1, so the password would go to whoever listens there ({where})",
    fix: ["remove that line and enroll with the registry's real address: --address IP"],
  },
  // CRD: credentials and vaults
  "RC-CRD-001": {
    exit: "credentials",
    summary: "{name} asks for a login, and there are no credentials",
    cause: "no user name was given and none is stored for this registry",
    fix: ["give them: --username USER --password-stdin < FILE", "or enroll without: --no-verify"],
  },
  "RC-CRD-002": {
    exit: "credentials",
    summary: "the OS keychain cannot be used",
    cause: "{reason}",
    fix: ["run it in a session with an unlocked keyring", "or keep the password in a sealed file: --vault sealed"],
  },
  "RC-CRD-003": {
    exit: "credentials",
    summary: "the key of the sealed credentials cannot be read",
    cause: "{path}: {reason}",
    fix: ["run it as root", "if the key is lost: regclient enroll NAME --username USER --password-stdin"],
  },
  "RC-CRD-004": {
    exit: "credentials",
    summary: "the stored credential cannot be opened",
    cause: "{item}: {reason}",
    fix: ["store it anew: regclient enroll NAME --username USER --password-stdin"],
  },
  "RC-CRD-005": {
    exit: "usage",
    summary: "a password is needed for {username}, and nobody can be asked",
    cause: "stdin is not a terminal, --password-stdin was not given, and no password of {username} is stored",
    fix: ["regclient enroll … --username {username} --password-stdin < FILE"],
  },
  "RC-CRD-006": {
    exit: "usage",
    summary: "the password on stdin cannot be used",
    cause: "{reason}",
    fix: ["printf '%s' \"$PASSWORD\" | regclient enroll … --password-stdin"],
  },
  // HST: changing the host
  "RC-HST-001": {
    exit: "host",
    summary: "the host could not be changed; everything was put back",
    cause: "{cause}",
    fix: ["see to the cause, then run the same command again"],
  },
  "RC-HST-002": {
    exit: "host",
    summary: "the host could not be changed, and putting it back failed too; the next run will try again",
    cause: "{cause}; then, while putting back: {undo}",
    fix: ["see to the cause, then run: regclient reconcile"],
  },
  "RC-HST-003": {
    exit: "host",
    summary: "the disk is full; everything was put back",
    cause: "{cause}",
    fix: ["df -h /etc /var/lib", "free some space, then run the same command again"],
  },
  "RC-HST-004": {
    exit: "host",
    summary: "no right to change the host; everything was put back",
    cause: "{cause}",
    fix: ["run it as root: sudo regclient …", "or name a directory of your own: --root DIR"],
  },
  "RC-HST-005": {
    exit: "host",
    summary: "something else changed the same file at the same time; everything of ours was put back",
    cause: "{cause}",
    fix: ["run the same command again"],
  },
  "RC-HST-006": {
    exit: "host",
    summary: "no right to change this host; nothing was changed",
    cause: "{cause}",
    fix: ["run it as root: sudo regclient …", "or work on a directory of your own: --root DIR"],
  },
  // LCK: the lock
  "RC-LCK-001": {
    exit: "locked",
    summary: "another regclient is at work on this host, and still was after {seconds} s",
    cause: "the lock is held by {holder}",
    fix: ["wait for it, or give it longer: --lock-timeout SECONDS"],
  },
  // NET: reaching the registry, up to and with the TLS handshake
  "RC-NET-001": {
    exit: "unreachable",
    summary: "no address is known for {host}",
    cause: "neither the declared address, nor the hosts file, nor DNS gives an address for {host}",
    fix: ["getent hosts {host}", "give the address with --address, or correct the name"],
  },
  "RC-NET-002": {
    exit: "unreachable",
    summary: "{authority} refuses connections",
    cause: "the host answers, but nothing listens on that port (or a firewall rejects it)",
    fix: ["start the registry or its proxy, or correct the port"],
  },
  "RC-NET-003": {
    exit: "unreachable",
    summary: "there is no route to {authority}",
    cause: "the network says that the address cannot be reached from this host",
    fix: ["ip route get {address}"],
  },
  "RC-NET-004": {
    exit: "unreachable",
    summary: "connecting to {authority} timed out",
    cause: "no answer to the TCP connection: a firewall drops it, the host is down, or the address is wrong",
    fix: ["correct the address with --address, or open the port in the firewall"],
  },
  "RC-NET-005": {
    exit: "unreachable",
    summary: "the TLS handshake with {authority} stalls",
    cause:
      "the TCP connection was accepted, but the handshake did not finish: often an MTU too large on a VPN, a proxy in between, or a hung server",
    fix: ["ping -M do -s 1372 {address}", "openssl s_client -connect {authority}"],
  },
  "RC-NET-006": {
    exit: "unreachable",
    summary: "{authority} speaks plain HTTP, not HTTPS",
    cause: "the server gave an HTTP response to an HTTPS client: this port has no TLS",
    fix: ["use the port that ends TLS, or put TLS in front of the registry"],
  },
  "RC-NET-007": {
    exit: "unreachable",
    summary: "{authority} does not speak TLS",
    cause: "what listens on that port answers with something that is not TLS",
    fix: ["correct the port: another service listens on this one"],
  },
  "RC-NET-008": {
    exit: "unreachable",
    summary: "{authority} offers no TLS version that is still safe",
    cause: "the server and regclient have no TLS version in common; at least TLS 1.2 is needed, by Docker too",
    fix: ["enable TLS 1.2 and 1.3 on the server (nginx: ssl_protocols TLSv1.2 TLSv1.3;)"],
  },
  "RC-NET-009": {
    exit: "unreachable",
    summary: "the TLS handshake with {authority} failed",
    cause: "the server broke the handshake off: {reason}",
    fix: ["openssl s_client -connect {authority} -servername {host}", "look at the error log of the server"],
  },
  "RC-NET-010": {
    exit: "trust",
    summary: "the certificate of {authority} is not trusted",
    cause: "the certificate could not be verified: {reason}",
    fix: ["regclient enroll {authority} --ca-file FILE", "regclient trust show {authority}"],
  },
  "RC-NET-011": {
    exit: "unreachable",
    summary: "{authority} wants a client certificate",
    cause: "the server asks every client for a certificate of its own, and none is set up here",
    fix: ["put the client certificate beside the CA as client.cert and client.key, or switch ssl_verify_client off"],
  },
  "RC-NET-012": {
    exit: "unreachable",
    summary: "{authority} closed the connection without an answer",
    cause: "the connection was reset or closed before the answer to {request} came",
    fix: ["look at the error log of the server and of any proxy in between"],
  },
  "RC-NET-013": {
    exit: "unreachable",
    summary: "{authority} does not answer in time",
    cause: "nothing came for {seconds} s while waiting for the answer to {request}",
    fix: ["look at the load and the error log of the server and of any proxy in between"],
  },
  "RC-NET-014": {
    exit: "unreachable",
    summary: "{authority} is too slow",
    cause: "the answer to {request} was not complete after {seconds} s",
    fix: ["look at the load of the server and at the network in between"],
  },
  "RC-NET-015": {
    exit: "unreachable",
    summary: "{authority} hung up during the TLS handshake",
    cause:
      "the connection was closed before the handshake was done: often a proxy or load balancer that has no server behind it, or that knows no such name",
    fix: ["openssl s_client -connect {authority} -servername {host}"],
  },
  "RC-NET-016": {
    exit: "unreachable",
    summary: "stopped before {authority} had answered",
    cause: "regclient was told to stop while {request} was under way",
    fix: ["run it again"],
  },
  "RC-NET-017": {
    exit: "unreachable",
    summary: "the connection to {authority} failed",
    cause: "the network gave the error {reason}",
    fix: ["run it again; if it stays, look at the network between this host and the registry"],
  },
  "RC-NET-018": {
    exit: "unreachable",
    summary: "looking up {host} takes too long",
    cause: "the name servers of this host gave no answer for {host} in time",
    fix: ["getent hosts {host}", "give the address with --address, or repair DNS on this host (/etc/resolv.conf)"],
  },

  // HTP: what the answer is as HTTP, and whether a registry gave it
  "RC-HTP-001": {
    exit: "unreachable",
    summary: "the response headers of {authority} are too large",
    cause: "more than {limit} bytes of headers came in answer to {request}",
    fix: ["look at what answers on that port: a registry sends less than 2 KiB"],
  },
  "RC-HTP-002": {
    exit: "unreachable",
    summary: "{authority} answers with something that is not HTTP",
    cause: "the answer to {request} could not be read as HTTP/1.1: {reason}",
    fix: ["look at what answers on that port"],
  },
  "RC-HTP-003": {
    exit: "unreachable",
    summary: "the answer of {authority} is too large",
    cause: "more than {limit} bytes came in answer to {request}; the rest was not read",
    fix: ["look at what answers on that port"],
  },
  "RC-HTP-004": {
    exit: "unreachable",
    summary: "the answer of {authority} broke off",
    cause: "the connection ended in the middle of the answer to {request}",
    fix: ["look at the error log of the server and of any proxy in between"],
  },
  "RC-HTP-005": {
    exit: "unreachable",
    summary: "{authority} is not a Docker registry",
    cause: "a web server answers, but {reason}",
    fix: ["curl -i https://{authority}/v2/", "correct the name or the port, or forward /v2/ to the registry"],
  },
  "RC-HTP-006": {
    exit: "unreachable",
    summary: "{authority} sends its clients to another host, {target}",
    cause: "the answer to {request} is a redirect; credentials are never sent where a redirect points",
    fix: ["enrol the registry under the name that it redirects to, or take the redirect off /v2/"],
  },
  "RC-HTP-007": {
    exit: "unreachable",
    summary: "{authority} fails with status {status}",
    cause: "the server, or a proxy in front of a registry that is down, reports an error of its own",
    fix: ["look at the error log of the registry and of the proxy in front of it"],
  },
  "RC-HTP-008": {
    exit: "unreachable",
    summary: "{authority} asks for fewer requests",
    cause: "the server limits how often it may be asked (status 429); it says to wait {wait}",
    fix: ["wait, then run it again"],
  },

  // AUT: logging in
  "RC-AUT-001": {
    exit: "credentials",
    summary: "{authority} refused the user name or the password",
    cause:
      "the login of {username} was refused by {server}; a password file that is not bcrypt (htpasswd -B) gives the same",
    fix: ["regclient login {authority} --username {username}"],
  },
  "RC-AUT-002": {
    exit: "credentials",
    summary: "{authority} wants a login, and no credentials are stored",
    cause: "the registry asks for {scheme} authentication",
    fix: ["regclient login {authority}"],
  },
  "RC-AUT-003": {
    exit: "credentials",
    summary: "{authority} asks for a kind of login that Docker does not have",
    cause: "the challenge offers {schemes}; only Basic and Bearer can be answered",
    fix: ["set the registry, or the proxy in front of it, to basic or token authentication"],
  },
  "RC-AUT-004": {
    exit: "credentials",
    summary: "the token realm of {authority} is not safe: {realm}",
    cause: "{reason}, so no credentials were sent there",
    fix: ["set the realm of the registry (auth.token.realm, or the external URL of Harbor) to a full https:// URL"],
  },
  "RC-AUT-005": {
    exit: "credentials",
    summary: "{authority} wants the credentials sent to another host, {realm}",
    cause: "the token realm is not on the registry's own host and is not declared, so no credentials were sent there",
    fix: ["if that is the right token server, add {realm} to allowedRealms of this registry"],
  },
  "RC-AUT-006": {
    exit: "unreachable",
    summary: "the token server {realm} fails with status {status}",
    cause: "{authority} gives tokens out through {realm}, which did not give one",
    fix: ["look at the error log of the token server"],
  },
  "RC-AUT-007": {
    exit: "unreachable",
    summary: "the token server {realm} gave no usable token",
    cause: "{reason}",
    fix: ["look at what answers at the token realm of {authority}"],
  },
  "RC-AUT-008": {
    exit: "credentials",
    summary: "{authority} does not accept the token of its own token server",
    cause:
      "the password is right, but the registry refuses the token: its issuer, service or key differ from the token server's, or the two clocks do",
    fix: [
      "compare the clocks of the registry and of the token server, then auth.token.issuer, service and rootcertbundle",
    ],
  },
  "RC-AUT-009": {
    exit: "credentials",
    summary: "these credentials cannot be sent to {authority}",
    cause: "{reason}",
    fix: ["regclient login {authority}"],
  },
  "RC-AUT-010": {
    exit: "credentials",
    summary: "{authority} lets this login in nowhere",
    cause: "the registry or a proxy in front of it answers /v2/ with 403, after the login",
    fix: ["look at the access rules of the registry, and of the proxy in front of it (allow, deny)"],
  },

  // PSH: push and pull
  "RC-PSH-001": {
    exit: "smoke",
    summary: "authenticated, but no right to push to {repository}",
    cause: "{authority} knows this login and does not let it write to {repository}",
    fix: ["give the user the right to push to {repository}, or name another with --repository"],
  },
  "RC-PSH-002": {
    exit: "smoke",
    summary: "authenticated, but no right to pull from {repository}",
    cause: "{authority} knows this login and does not let it read {repository}",
    fix: ["give the user the right to pull from {repository}, or name another with --repository"],
  },
  "RC-PSH-003": {
    exit: "smoke",
    summary: "{authority} does not have {what}",
    cause: "the registry answers 404: it was never pushed, was deleted, or lies on another replica",
    fix: ["correct the repository; in Harbor, the project must be made first"],
  },
  "RC-PSH-004": {
    exit: "smoke",
    summary: "a push of {size} bytes is too large for the proxy in front of {authority}",
    cause: "the answer is 413: the proxy limits the size of a request body",
    fix: ["nginx: set client_max_body_size 0; in every proxy on the way"],
  },
  "RC-PSH-005": {
    exit: "smoke",
    summary: "{authority} takes no pushes now",
    cause: "the answer to a push is 405: the registry is in read-only mode, or a proxy allows only GET",
    fix: ["switch storage.maintenance.readonly off, or allow POST, PUT and PATCH in the proxy"],
  },
  "RC-PSH-006": {
    exit: "smoke",
    summary: "{authority} fails with status {status} while asked to {action}",
    cause: "the registry, or a proxy in front of it, reports an error of its own",
    fix: ["look at the error log of the registry and of the proxy in front of it"],
  },
  "RC-PSH-007": {
    exit: "smoke",
    summary: "the disk of {authority} is full",
    cause: "the registry could not store the push: no space left on device",
    fix: ["free or add space where the registry stores its data (registry garbage-collect)"],
  },
  "RC-PSH-008": {
    exit: "smoke",
    summary: "{authority} asks for fewer requests",
    cause: "the registry limits how often it may be asked (status 429); it says to wait {wait}",
    fix: ["wait, then run it again"],
  },
  "RC-PSH-009": {
    exit: "smoke",
    summary: "{authority} sends uploads to http://",
    cause: "the registry does not know that TLS ends in front of it: the proxy does not pass X-Forwarded-Proto",
    fix: [
      "nginx: add proxy_set_header X-Forwarded-Proto $scheme; to the location of /v2/",
      "nginx: add proxy_set_header Host $http_host;",
    ],
  },
  "RC-PSH-010": {
    exit: "smoke",
    summary: "{authority} sends uploads to another host, {target}",
    cause:
      "the registry does not know the name that clients use: the proxy does not pass Host, or http.host of the registry is wrong. Nothing was sent there",
    fix: [
      "nginx: add proxy_set_header Host $http_host; to the location of /v2/",
      "or set http.relativeurls: true in the registry",
    ],
  },
  "RC-PSH-011": {
    exit: "smoke",
    summary: "{authority} does not say where to upload",
    cause: "{reason}",
    fix: ["look at what answers on /v2/: the Location header must reach the client"],
  },
  "RC-PSH-012": {
    exit: "smoke",
    summary: "{authority} forgot the upload that it had begun",
    cause: "blob upload unknown: the replicas of the registry do not share their storage, or the upload was cleaned up",
    fix: ["give all replicas the same storage, or make the load balancer keep a client on one replica"],
  },
  "RC-PSH-013": {
    exit: "smoke",
    summary: "{authority} does not know its own upload address",
    cause:
      "blob upload invalid: the replicas of the registry have different http.secret values, or the proxy changes the address",
    fix: ["set the same http.secret on all replicas"],
  },
  "RC-PSH-014": {
    exit: "smoke",
    summary: "what {authority} gave is not what was asked for",
    cause: "the digest of the answer is {got}, not {wanted}: the data was changed on the way or in storage",
    fix: ["push it again; if it stays, check the storage of the registry and any cache in between"],
  },
  "RC-PSH-015": {
    exit: "smoke",
    summary: "{authority} lost a blob that was just pushed to {repository}",
    cause:
      "manifest blob unknown: the blob went to a replica that does not share its storage with the one that took the manifest",
    fix: ["give all replicas the same storage"],
  },
  "RC-PSH-016": {
    exit: "smoke",
    summary: "{authority} refused to {action}: {reason}",
    cause: "the registry found the request itself wrong (status {status})",
    fix: ["try another repository with --repository; lower case, as in team/app"],
  },
  "RC-PSH-017": {
    exit: "smoke",
    summary: "{authority} gave an answer that no registry gives, while asked to {action}",
    cause: "status {status}: {reason}",
    fix: ["look at the proxies between this host and the registry"],
  },
  "RC-PSH-018": {
    exit: "smoke",
    summary: "{authority} sends pulls to a place that is not safe: {target}",
    cause: "{reason}",
    fix: ["storage.redirect.disable: true makes the registry serve its blobs itself"],
  },

  "RC-PSH-030": {
    exit: "smoke",
    summary: "what was pulled from {repository} is not what was pushed",
    cause: "pushed {pushed}, pulled {pulled}: a proxy or cache answers with something else",
    fix: ["ask the registry past its proxy, and compare the two digests"],
  },
  // ENG: through the Docker Engine
  "RC-ENG-001": {
    exit: "smoke",
    summary: "the Docker Engine does not answer",
    cause: "{reason}",
    fix: ["systemctl status docker", "or check without it: regclient verify --via direct"],
  },
  "RC-ENG-002": {
    exit: "unreachable",
    summary: "the Docker Engine does not find the address of {host}",
    cause: "the engine said: {reason}",
    fix: ["getent hosts {host}", "give an alias: regclient enroll {host} --address IP"],
  },
  "RC-ENG-003": {
    exit: "trust",
    summary: "the Docker Engine does not trust the certificate of {authority}",
    cause: "the engine said: {reason}",
    fix: ["ls -l /etc/docker/certs.d/{authority}/", "regclient reconcile {name}"],
  },
  "RC-ENG-004": {
    exit: "credentials",
    summary: "the registry refused the login that the Docker Engine passed on",
    cause: "the engine said: {reason}",
    fix: ["regclient verify {name} --via direct --mode login"],
  },
  "RC-ENG-005": {
    exit: "smoke",
    summary: "the Docker Engine could not {action} {image}",
    cause: "the engine said: {reason}",
    fix: ["regclient verify {name} --via direct", "journalctl -u docker --since -5min"],
  },
  "RC-ENG-006": {
    exit: "unreachable",
    summary: "the Docker Engine does not reach {authority}",
    cause: "the engine said: {reason}",
    fix: ["regclient verify {name} --via direct", "systemctl show docker --property Environment   # a proxy?"],
  },

  // TLS: what Go's TLS says of a served chain (001 to 019), and reading certificates (030 to 039)
  "RC-TLS-001": {
    exit: "unreachable",
    summary: "the certificate names {host} only in its common name",
    cause:
      "Go programs (Docker since 20.10.8, podman, containerd) look only at subject alternative names, and this certificate has none",
    fix: [
      'openssl req -x509 -newkey rsa:4096 -sha256 -days 825 -nodes -keyout server.key -out server.crt -subj "/CN={host}" -addext "subjectAltName={san}"',
      "install server.crt and server.key in the registry's TLS server, restart it, and enroll again",
    ],
  },
  "RC-TLS-002": {
    exit: "unreachable",
    summary: "the certificate has no IP address in its names, and {host} was dialled",
    cause:
      "an address is matched only against IP entries among the subject alternative names; a DNS entry that spells an address does not count",
    fix: [
      "reach the registry by a name in its certificate ({names}), or make one with the address:",
      'openssl req -x509 -newkey rsa:4096 -sha256 -days 825 -nodes -keyout server.key -out server.crt -subj "/CN={host}" -addext "subjectAltName={san}"',
    ],
  },
  "RC-TLS-003": {
    exit: "unreachable",
    summary: "the certificate is not for {host}",
    cause: "its subject alternative names are: {names}; a wildcard stands for exactly one label",
    fix: [
      "use a name that is in the certificate, check that the address is the right server's, or make a certificate with the name:",
      'openssl req -x509 -newkey rsa:4096 -sha256 -days 825 -nodes -keyout server.key -out server.crt -subj "/CN={host}" -addext "subjectAltName={san}"',
    ],
  },
  "RC-TLS-004": {
    exit: "unreachable",
    summary: "the certificate of {host} has expired",
    cause: "it was valid until {notAfter}, and it is {now}",
    fix: [
      "renew the certificate and restart the registry's TLS server, which reads it only when it starts",
      "if the date above is wrong, set this host's clock: timedatectl set-ntp true",
    ],
  },
  "RC-TLS-005": {
    exit: "unreachable",
    summary: "the certificate of {host} is not valid yet",
    cause: "it is valid from {notBefore}, and it is {now}; mostly one of the two clocks is wrong",
    fix: ["timedatectl set-ntp true"],
  },
  "RC-TLS-006": {
    exit: "trust",
    summary: "the certificate of {host} leads to a root that is not trusted",
    cause: "the self-signed certificate {subject} is not among the trusted ones",
    fix: [
      "get the fingerprint from the registry's administrator, and give it with --fingerprint",
      "openssl x509 -in server.crt -noout -fingerprint -sha256   # on the registry's host",
    ],
  },
  "RC-TLS-007": {
    exit: "trust",
    summary: "the certificate of {host} is from an authority that is not trusted",
    cause:
      "{issuer} issued it, and a certificate of that name is neither among the trusted ones nor sent by the server: the server leaves an intermediate out, or another CA is needed",
    fix: [
      "let the server send its whole chain: cat server.crt intermediate.crt > fullchain.crt",
      "or give the CA that issued it with --ca-file",
    ],
  },
  "RC-TLS-008": {
    exit: "trust",
    summary: "the trusted CA did not sign the certificate of {host}",
    cause:
      "the trusted certificate {subject} has the name of the issuer but another key: the CA was made anew under its old name, or somebody imitates it",
    fix: [
      "get the new CA certificate's fingerprint from the registry's administrator, and accept it with: regclient trust accept {name} FINGERPRINT",
    ],
  },
  "RC-TLS-009": {
    exit: "unreachable",
    summary: "the issuer of the certificate of {host} is not a CA",
    cause: "{subject} issued it but lacks CA:TRUE in its basic constraints, or keyCertSign in its key usage",
    fix: [
      'make the CA again with: -addext "basicConstraints=critical,CA:TRUE" -addext "keyUsage=critical,keyCertSign,cRLSign"',
      "or trust the server's own certificate with --fingerprint",
    ],
  },
  "RC-TLS-010": {
    exit: "unreachable",
    summary: "the certificate of {host} has a signature that Go does not accept",
    cause: "{goText} ({algorithm})",
    fix: ["issue the certificate again with -sha256"],
  },
  "RC-TLS-011": {
    exit: "unreachable",
    summary: "the certificate of {host} is not for servers",
    cause: "it, or a CA above it, lists extended key usages without serverAuth",
    fix: ["issue the certificate again with: extendedKeyUsage=serverAuth"],
  },
  "RC-TLS-012": {
    exit: "unreachable",
    summary: "the chain of {host} is longer than a CA in it allows",
    cause: "the path length constraint of {subject} is smaller than the number of intermediates below it",
    fix: ["issue from a CA with a larger pathlen, or without one"],
  },
  "RC-TLS-013": {
    exit: "unreachable",
    summary: "a CA of {host} may not vouch for a name in the certificate",
    cause: "{goText}",
    fix: ["issue the certificate with names that the name constraints of {subject} permit"],
  },
  "RC-TLS-014": {
    exit: "unreachable",
    summary: "a certificate of {host} has a critical extension that Go does not know",
    cause: "{subject} marks as critical: {extensions}",
    fix: ["issue the certificate again without the extension, or with it not critical"],
  },
  "RC-TLS-015": {
    exit: "unreachable",
    summary: "a key of {host} is too short",
    cause: "{subject} has {keyType}, and Go 1.24 takes no RSA key below 1024 bits",
    fix: ["make the certificate again with: -newkey rsa:4096"],
  },
  "RC-TLS-016": {
    exit: "unreachable",
    summary: "a CA above the certificate of {host} is outside its validity",
    cause: "{subject} is valid from {notBefore} to {notAfter}, and it is {now}",
    fix: [
      "renew the CA certificate (the same key keeps what it issued valid), and give it with --ca-file",
      "if the date above is wrong, set this host's clock: timedatectl set-ntp true",
    ],
  },
  "RC-TLS-017": {
    exit: "unreachable",
    summary: "Go cannot read a certificate of {host}",
    cause: "{goText}",
    fix: ["issue the certificate {subject} again with a current tool"],
  },
  "RC-TLS-018": {
    exit: "unreachable",
    summary: "the chain of {host} takes too many signature checks",
    cause: "the server sends, or ca.crt holds, very many certificates of one name; Go stops after 100 checks",
    fix: ["let the server send only its own chain"],
  },
  "RC-TLS-019": {
    exit: "unreachable",
    summary: "{host} sent no certificate",
    cause: "{goText}",
    fix: ["configure the certificate of the registry's TLS server"],
  },
  "RC-TLS-030": {
    exit: "usage",
    summary: "not a certificate",
    cause: "{reason}",
    fix: ["openssl x509 -in FILE -noout -text   # shows whether it is one"],
  },
  "RC-TLS-031": {
    exit: "usage",
    summary: "{origin} is empty",
    cause: "there is nothing in it that could be a certificate",
    fix: ["give the CA certificate, or the server's own, in PEM, DER or PKCS#7"],
  },
  "RC-TLS-032": {
    exit: "usage",
    summary: "{origin} is too large for certificates",
    cause: "it has {size} bytes, and at most 1 MiB is read",
    fix: ["give only the certificates that this registry needs"],
  },
  "RC-TLS-033": {
    exit: "usage",
    summary: "no certificate in {origin}",
    cause: "it holds {found}",
    fix: ["give the CA certificate, or the server's own, in PEM, DER or PKCS#7"],
  },
  "RC-TLS-034": {
    exit: "usage",
    summary: "broken certificate in {origin}, line {line}",
    cause: "{reason}",
    fix: ["copy the file again, whole, as text"],
  },
  "RC-TLS-035": {
    exit: "usage",
    summary: "broken certificate in {origin}",
    cause: "{reason}",
    fix: ["copy the file again, whole, in binary mode"],
  },
  "RC-TLS-036": {
    exit: "usage",
    summary: "a private key is in {origin}{where}",
    cause: "the file holds {what}; a client needs only certificates, and a key must not leave its server",
    fix: [
      "give only the certificate: openssl x509 -in FILE -out ca.crt",
      "if the key was copied here from the registry, treat it as known to others and replace it",
    ],
  },

  // TRU: the decision to trust
  "RC-TRU-001": {
    exit: "usage",
    summary: "not a SHA-256 fingerprint: {text}",
    cause: "{reason}",
    fix: ["openssl x509 -in server.crt -noout -fingerprint -sha256   # on the registry's host"],
  },
  "RC-TRU-010": {
    exit: "trust",
    summary: "{path} is in the way",
    cause: "{what} stands there, and it does not make the certificate that is served trusted",
    fix: [
      "openssl x509 -in {path} -noout -subject -fingerprint -sha256",
      "replace it, to be put back by unenroll: regclient enroll {name} --replace …",
    ],
  },
  "RC-TRU-011": {
    exit: "trust",
    summary: "nobody has vouched for the certificate of {name}",
    cause:
      "it is self-signed or from a CA this host does not know, and what a network shows first may be anybody's; it shows {seen}",
    fix: [
      "on the registry's own host: openssl x509 -in server.crt -noout -fingerprint -sha256",
      "if it is the same: regclient enroll {host} --fingerprint {seen}",
      "or bring the certificate over a safe way and give it with --ca-file FILE",
    ],
  },
  "RC-TRU-012": {
    exit: "trust",
    summary: "{name} shows another certificate than the one vouched for",
    cause:
      "wanted: {wanted}; seen: {seen}. Another server answers, the certificate was replaced, or somebody is on the wire",
    fix: [
      "on the registry's own host: openssl x509 -in server.crt -noout -fingerprint -sha256",
      "if a CA's fingerprint was given and the server does not send the CA: add --ca-file FILE",
    ],
  },
  "RC-TRU-013": {
    exit: "trust",
    summary: "{name} shows a certificate that nothing trusted so far vouches for",
    cause:
      "trusted: {held}; seen: {seen}. The certificate was replaced without notice, or somebody is on the wire; nothing was changed",
    fix: [
      "on the registry's own host: openssl x509 -in server.crt -noout -fingerprint -sha256",
      "if it is the same as seen: regclient enroll {name} --fingerprint {seen}",
    ],
  },
  "RC-TRU-015": {
    exit: "trust",
    summary: "no certificate could be fetched from {url}",
    cause: "{reason}",
    fix: ["curl -v {url}", "or bring the certificate over another way, and give it with --ca-file FILE"],
  },
  "RC-TRU-014": {
    exit: "trust",
    summary: "{name} shows no certificate",
    cause: "the TLS handshake ended without one, so there is nothing to trust",
    fix: ["openssl s_client -connect {name} -showcerts"],
  },
} as const satisfies Record<string, FindingEntry>;

/** A stable code, as in `RC-TLS-003`. */
export type FindingCode = keyof typeof entries;

/** Every failure regclient can name. */
export const catalogue: Readonly<Record<FindingCode, FindingEntry>> = entries;
