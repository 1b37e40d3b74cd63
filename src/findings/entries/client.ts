import type { FindingEntry } from "../finding-entry.ts";

/** What shows only at the client: its files, its clock, its engine, and the logins that its users find. */
export const clientFindings = {
  "RC-CFG-030": {
    exit: "usage",
    summary: "Docker refuses all connections to {authority} because of {path}",
    cause: "{reason}; Docker reads the whole directory at each use and gives up at the first such file",
    fix: ["ls -l {directory}", "complete the pair of .cert and .key, or move what stands alone away: mv {path} /root/"],
  },
  "RC-CFG-031": {
    exit: "usage",
    summary: "Docker takes no certificate from {path}",
    cause: "{reason}; Docker skips such a file without a word",
    fix: [
      "openssl x509 -in {path} -noout -subject",
      "save it as PEM, without a byte order mark, under a name that ends in .crt",
    ],
  },
  "RC-CFG-032": {
    exit: "trust",
    summary: "the CA of {authority} lies where Docker does not look for it",
    cause: "it is in {found}, and for images of this registry Docker reads only {directory}",
    fix: ["mkdir -p {directory}", "cp {found}/*.crt {directory}/"],
  },
  "RC-CFG-033": {
    exit: "host",
    summary: "{path} is not as regclient left it",
    cause: "it is {state}: something else wrote to it or removed it since",
    fix: ["regclient reconcile {name} --dry-run", "regclient reconcile {name}"],
  },
  "RC-CFG-034": {
    exit: "usage",
    summary: "dockerd would not start with {path}",
    cause: "{reason}",
    fix: ["dockerd --validate --config-file {path}"],
  },
  "RC-CFG-035": {
    exit: "usage",
    summary: "the Docker Engine does not heed {key} in {path}",
    cause:
      "{key} is an option of dockerd's command line; dockerd takes the name in its file without a word, and heeds only {meant} there",
    fix: ["write {meant}, a list, in its place", "systemctl restart docker", "docker info"],
  },
  "RC-CFG-040": {
    exit: "usage",
    summary: "there is no finding {code}",
    cause: "the nearest are: {nearest}",
    fix: ["regclient explain   # lists all of them"],
  },
  "RC-CFG-041": {
    exit: "usage",
    summary: "what to explain is neither the code of a finding nor -",
    cause: "everybody on the host can read command lines, and a message may hold a secret: it is taken from stdin only",
    fix: ["docker pull IMAGE 2>&1 | regclient explain -", "regclient explain RC-TLS-003"],
  },
  "RC-ALI-010": {
    exit: "unreachable",
    summary: "programs on this host are led to another address of {host}",
    cause: "regclient would go to {wanted}, and the resolver of this host says {found}",
    fix: ["getent ahosts {host}", "grep -n hosts: /etc/nsswitch.conf   # files must come before dns"],
  },
  "RC-NAM-020": {
    exit: "usage",
    summary: "{image} is an image of Docker Hub, not of {host}",
    cause:
      "the first part of an image name is a registry only if it has a dot or a port, or is localhost; {host} has neither, so pushing and pulling go to docker.io",
    fix: ["docker tag {image} {reference}", "docker push {reference}"],
  },
  "RC-NET-030": {
    exit: "unreachable",
    summary: "some addresses of {host} do not answer",
    cause: "{silent} cannot be connected to, and {answering} can: clients that try the wrong one first wait, or fail",
    fix: ["getent ahosts {host}", "take the address that does not answer out of DNS or the hosts file"],
  },
  "RC-TLS-040": {
    exit: "unreachable",
    summary: "the certificate of {host} expires in {days} days",
    cause: "{subject} is valid until {notAfter}",
    fix: ["renew it, and restart the registry's TLS server, which reads it only when it starts"],
  },
  "RC-TLS-041": {
    exit: "unreachable",
    summary: "the clocks of this host and of {authority} are {minutes} minutes apart",
    cause: "this host says {ours}, the server {theirs}: tokens and new certificates will not be valid for one of them",
    fix: ["timedatectl set-ntp true   # on the one that is wrong"],
  },
  "RC-TLS-042": {
    exit: "unreachable",
    summary: "the clock of this host makes the certificate of {host} invalid",
    cause:
      "this host says {ours}, the server {theirs}, and the certificate is valid from {notBefore} to {notAfter}: by the server's clock it holds",
    fix: ["date -u", "timedatectl set-ntp true"],
  },
  "RC-HTP-020": {
    exit: "unreachable",
    summary: "{authority} does not say that it is a registry",
    cause:
      "its answer to GET /v2/ has no Docker-Distribution-Api-Version: a proxy drops it; old Docker clients then fall back to /v1/ and get 404",
    fix: [
      "nginx: add_header Docker-Distribution-Api-Version registry/2.0 always;   # in the location of /v2/",
      "curl -i https://{authority}/v2/",
    ],
  },
  "RC-HTP-021": {
    exit: "unreachable",
    summary: "something between this host and {authority} answers for it",
    cause:
      "the answer to GET /v2/ carries {header}: a proxy or a cache is in between, and may change or limit transfers",
    fix: ["curl -i https://{authority}/v2/", "let it pass /v2/ on unchanged and uncached"],
  },
  "RC-PSH-040": {
    exit: "smoke",
    summary: "the image has a format that the client no longer reads",
    cause:
      "its manifest is of Docker's schema 1, or of another kind than the client knows; Docker 28.2 and later pull no schema 1",
    fix: [
      "build and push the image again with a current client",
      "skopeo copy --format v2s2 docker://OLD docker://NEW",
    ],
  },
  "RC-ENG-020": {
    exit: "unreachable",
    summary: "the Docker Engine goes to {authority} through a proxy",
    cause:
      "the daemon's own environment names {proxy}, and its NO_PROXY ({noProxy}) does not name {host}; the shell's does not count",
    fix: [
      "systemctl edit docker   # [Service] Environment=NO_PROXY={host},localhost,127.0.0.1",
      "systemctl restart docker",
    ],
  },
  "RC-ENG-021": {
    exit: "unreachable",
    summary: "insecure-registries has no effect for {authority}",
    cause: "with the containerd image store, engines of version 29 do not heed it for every pull and push",
    fix: [
      "trust the registry's certificate: regclient enroll {name} --fingerprint FINGERPRINT",
      "docker info --format '{{.DriverStatus}}'",
    ],
  },
  "RC-ENG-022": {
    exit: "trust",
    summary: "the build does not trust the token server",
    cause:
      "while building, the docker command itself fetches the token, with the system's CAs: certs.d does not count there",
    fix: [
      "cp /etc/docker/certs.d/{authority}/ca.crt /usr/local/share/ca-certificates/{host}.crt",
      "update-ca-certificates",
    ],
  },
  "RC-ENG-023": {
    exit: "trust",
    summary: "the builder does not trust the registry",
    cause:
      "a builder of its own (docker-container, buildkitd) reads neither certs.d nor daemon.json of the host, only its buildkitd.toml",
    fix: [
      'printf \'[registry."{authority}"]\\n  ca=["/etc/docker/certs.d/{authority}/ca.crt"]\\n\' > buildkitd.toml',
      "docker buildx create --use --buildkitd-config buildkitd.toml   # certificates are copied when it is made",
    ],
  },
  "RC-ENG-024": {
    exit: "unreachable",
    summary: "localhost of the engine is not localhost of the host",
    cause:
      "a rootless engine, a virtual machine or a container has a network of its own, where nothing listens on that port",
    fix: [
      "docker info --format '{{.SecurityOptions}}'   # name=rootless",
      "name the registry by the host's real name or address",
    ],
  },
  "RC-ENG-025": {
    exit: "trust",
    summary: "containerd's pull does not read the directory the certificate lies in",
    cause:
      "ctr, nerdctl and Kubernetes read different certs.d; a config_path with two directories is not split by every part of containerd",
    fix: [
      "containerd config dump | grep config_path",
      "ls /etc/containerd/certs.d",
      "journalctl -u containerd --since -5min",
    ],
  },
  "RC-ENG-026": {
    exit: "trust",
    summary: "the running Docker Engine does not know what {path} says",
    cause: "{setting} is in the file, and the engine does not have it: it was not restarted since",
    fix: ["docker info", "systemctl restart docker"],
  },
  "RC-ENG-027": {
    exit: "smoke",
    summary: "no right to speak to the Docker Engine",
    cause: "{path} belongs to root and the group docker, and this user is in neither",
    fix: ["ls -l {path}", "usermod -aG docker {user}   # then log in again; who is in it is as good as root"],
  },
  "RC-CRD-040": {
    exit: "credentials",
    summary: "{path} names a credential helper that is not there",
    cause: "docker runs {helper} for {registries}, and there is no such program on PATH",
    fix: ["command -v {helper}", "install it, or take it out of credsStore and credHelpers in {path}"],
  },
  "RC-CRD-041": {
    exit: "credentials",
    summary: "{path} holds the password of {key} in clear",
    cause: "docker login wrote it there in base64, which is no encryption; who can read the file has it",
    fix: ["regclient enroll {name} --migrate   # with the options it was enrolled with", "docker logout {key}"],
  },
  "RC-CRD-042": {
    exit: "credentials",
    summary: "docker has no login for {reference}",
    cause: "a login is looked up under exactly the name that the image begins with, port and all; {path} has: {stored}",
    fix: ["docker login {reference}", "or keep it in a vault: regclient login {name} --username USER"],
  },
  "RC-CRD-043": {
    exit: "credentials",
    summary: "the Secret Service cannot be used here",
    cause:
      "docker-credential-secretservice needs a D-Bus session with an unlocked keyring, and this is a session without one",
    fix: ["take secretservice out of credsStore in {path}", "regclient enroll {name} --vault systemd"],
  },
  "RC-CRD-044": {
    exit: "credentials",
    summary: "pass is not set up for this user",
    cause: "docker-credential-pass needs a password store that was made with a GPG key, and there is none",
    fix: ["gpg --full-generate-key", "pass init KEY-ID", "or take pass out of credsStore in {path}"],
  },
} as const satisfies Record<string, FindingEntry>;
