import type { FindingEntry } from "../finding-entry.ts";

/** RC-AUT: challenges, tokens and logins. */
export const authenticationFindings = {
  "RC-AUT-001": {
    exit: "credentials",
    summary: "{authority} refused the user name or the password",
    cause:
      "the login of {username} was refused by {server}; a password file that is not bcrypt (htpasswd -B) gives the same",
    fix: [
      "run the same command again with the right password",
      "once enrolled: regclient login {authority} --username {username}",
    ],
  },
  "RC-AUT-002": {
    exit: "credentials",
    summary: "{authority} wants a login, and no credentials are stored",
    cause: "the registry asks for {scheme} authentication",
    fix: [
      "run the same command again with: --username USER --password-stdin < FILE",
      "once enrolled: regclient login {authority} --username USER",
    ],
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
    fix: [
      "if that is the right token server: regclient enroll {name} --realm {realm}",
      "or write it into the declaration, under credentials.realms",
    ],
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
    fix: [
      "run the same command again with another user and password",
      "once enrolled: regclient login {authority} --username USER",
    ],
  },
  "RC-AUT-010": {
    exit: "credentials",
    summary: "{authority} lets this login in nowhere",
    cause: "the registry or a proxy in front of it answers /v2/ with 403, after the login",
    fix: ["look at the access rules of the registry, and of the proxy in front of it (allow, deny)"],
  },
  "RC-AUT-011": {
    exit: "unreachable",
    summary: "the token server {realm} of {authority} cannot be reached from here",
    cause: "{reason}; the registry itself answers, and sends its clients there for a token",
    fix: [
      "curl -i {url}",
      "start the token server, or set the realm (auth.token.realm, or the external URL of Harbor) to a URL that clients reach",
    ],
  },
} as const satisfies Record<string, FindingEntry>;
