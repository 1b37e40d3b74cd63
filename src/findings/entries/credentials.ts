import type { FindingEntry } from "../finding-entry.ts";

/** RC-CRD: vaults and stored credentials. */
export const credentialsFindings = {
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
    fix: [
      "run it as root",
      "if the key is lost or damaged: rm -f {path}; regclient login {name} --username USER --password-stdin",
    ],
  },
  "RC-CRD-004": {
    exit: "credentials",
    summary: "the stored credential cannot be opened",
    cause: "{item}: {reason}",
    fix: ["store it anew: regclient enroll {name} --username USER --password-stdin"],
  },
  "RC-CRD-005": {
    exit: "credentials",
    summary: "a password is needed for {username}, and none was given",
    cause: "none is stored, --password-stdin was not given, and at the terminal, if there is one, none was typed",
    fix: ["regclient enroll … --username {username} --password-stdin < FILE"],
  },
  "RC-CRD-006": {
    exit: "usage",
    summary: "the password on stdin cannot be used",
    cause: "{reason}",
    fix: ["printf '%s' \"$PASSWORD\" | regclient enroll … --password-stdin"],
  },
  "RC-CRD-007": {
    exit: "credentials",
    summary: "systemd-creds cannot be used",
    cause: "{reason}",
    fix: ["systemd-creds --version   # 250 or newer", "or keep the password in a sealed file: --vault sealed"],
  },
  "RC-CRD-008": {
    exit: "credentials",
    summary: "{name} asks for a login, and none is stored",
    cause: "it was enrolled without a login, or its login was removed since",
    fix: ["regclient login {name} --username USER"],
  },
  "RC-CRD-020": {
    exit: "host",
    summary: "the daemon cannot tell who asks it for a login",
    cause: "{reason}",
    fix: ["run it on Linux, with Node 26.10 or newer that has node:ffi"],
  },
  "RC-CRD-021": {
    exit: "usage",
    summary: "the daemon has no socket to serve logins on",
    cause: "{reason}",
    fix: [
      "let systemd open it: systemctl enable --now regclient.socket",
      "or name one: regclient daemon --socket /run/regclient/credentials.sock",
    ],
  },
  "RC-CRD-022": {
    exit: "host",
    summary: "the socket {path} cannot be served",
    cause: "{reason}",
    fix: ["ls -ld {path}", "run it as root, or name a path of your own: --socket PATH"],
  },
  "RC-CRD-023": {
    exit: "locked",
    summary: "another process serves the socket {path} already",
    cause: "a connection to it was accepted",
    fix: ["systemctl status regclient.socket regclient.service", "or find it: ss -xlp src {path}"],
  },
  "RC-CRD-034": {
    exit: "host",
    summary: "no daemon answers at the socket {path}",
    cause: "{reason}",
    fix: [
      "systemctl status regclient.service",
      "or name the socket that it has: regclient daemon --probe --socket PATH",
    ],
  },
} as const satisfies Record<string, FindingEntry>;
