import { makeLeaf } from "../../../support/pki.ts";
import { login } from "../client-lab.ts";
import { name, type Bench } from "../failure-bench.ts";
import type { TokenStub } from "../failure-stub.ts";
import type { FailureRow } from "./row.ts";

const signer = makeLeaf({ commonName: "token signer" });
const token = { realm: `https://${name}/token`, service: "lab", issuer: "lab", rootcertbundle: "/etc/lab-signer.pem" };

/** The registry asks for tokens, and its token server gives them. */
export const withTokens =
  (changes: Partial<TokenStub> = {}, settings: Partial<typeof token> = {}) =>
  async ({ write, lab, registry, stub }: Bench): Promise<void> => {
    write(lab.registry, token.rootcertbundle, signer.certificate.pem);
    await registry({ auth: { token: { ...token, ...settings } } });
    const keys = { cert: signer.certificate.pem, key: signer.keyPem };
    await stub({ kind: "token", ...login, ...keys, aheadSeconds: 0, grants: ["pull", "push", "delete"], ...changes });
  };

const version = "add_header Docker-Distribution-Api-Version registry/2.0 always;";
const digest = `add_header WWW-Authenticate 'Digest realm="x", nonce="y"' always;`;

const passwords =
  (hash: string, password: string) =>
  async ({ write, lab, registry }: Bench): Promise<void> => {
    const { stdout } = await lab.registry.run(["htpasswd", ...hash.split(" "), "-i", "-n", login.username], {
      stdin: `${password}\n`,
    });
    write(lab.registry, "/etc/lab-htpasswd", stdout);
    await registry({});
  };

/** Challenges, tokens and logins. */
export const loginRows: readonly FailureRow[] = [
  {
    title: "a password file that is not bcrypt",
    symptom: "401 Unauthorized, with the right password",
    code: "RC-AUT-001",
    known: 10,
    host: "enrolled",
    breaks: passwords("-m", login.password),
  },
  {
    title: "the password was changed at the registry",
    symptom: "unauthorized: authentication required",
    code: "RC-AUT-001",
    host: "enrolled",
    breaks: passwords("-B -C 4", "another"),
  },
  {
    title: "a kind of login that Docker does not have",
    symptom: "no basic auth credentials",
    code: "RC-AUT-003",
    host: "enrolled",
    breaks: ({ front }) => front((good) => ({ location: [...good.location, version, digest, "return 401;"] })),
  },
  {
    title: "a proxy that drops the challenge",
    symptom: "no basic auth credentials, though docker login went well",
    code: "RC-AUT-003",
    known: 7,
    host: "enrolled",
    breaks: ({ front }) => front((good) => ({ location: [...good.location, "proxy_hide_header WWW-Authenticate;"] })),
  },
  {
    title: "reading is open to all, and only pushing asks for a login",
    symptom: "none",
    code: "",
    host: "enrolled",
    command: ["verify", name, "--via", "direct"],
    breaks: async ({ front, registry }) => {
      await registry({ auth: { none: {} } });
      const asked = `limit_except GET HEAD { auth_basic lab; auth_basic_user_file /etc/lab-htpasswd; }`;
      await front((good) => ({ location: [...good.location, asked] }));
    },
  },
  { title: "a token server that works", symptom: "none", code: "", host: "enrolled", breaks: withTokens() },
  {
    title: "a token realm that is http://",
    symptom: "401, or it hangs after the challenge",
    code: "RC-AUT-004",
    known: 12,
    host: "enrolled",
    breaks: withTokens({}, { realm: `http://${name}/token` }),
  },
  {
    title: "a token realm with an internal name",
    symptom: "lookup auth.internal: no such host",
    code: "RC-AUT-005",
    known: 12,
    host: "enrolled",
    breaks: withTokens({}, { realm: "https://auth.internal/token" }),
  },
  {
    title: "a token realm on a port where nothing listens",
    symptom: "dial tcp: connect: connection refused",
    code: "RC-AUT-011",
    known: 12,
    host: "enrolled",
    breaks: withTokens({}, { realm: `https://${name}:5999/token` }),
  },
  {
    title: "a token server that fails",
    symptom: "failed to fetch oauth token: unexpected status: 500",
    code: "RC-AUT-006",
    known: 12,
    host: "enrolled",
    breaks: withTokens({ answer: { status: 500, body: "oh" } }),
  },
  {
    title: "a token server that gives a page",
    symptom: "invalid character '<' looking for beginning of value",
    code: "RC-AUT-007",
    known: 13,
    host: "enrolled",
    breaks: withTokens({ answer: { status: 200, body: "<html>hello</html>" } }),
  },
  {
    title: "a token server that does not know the user",
    symptom: "unauthorized: incorrect username or password",
    code: "RC-AUT-001",
    host: "enrolled",
    breaks: withTokens({ username: "somebody" }),
  },
  {
    title: "a token server whose clock is an hour ahead",
    symptom: "401 with a fresh token",
    code: "RC-AUT-008",
    known: 11,
    host: "enrolled",
    breaks: withTokens({ aheadSeconds: 3600 }),
  },
  {
    title: "a token server of another issuer",
    symptom: "401 with a fresh token",
    code: "RC-AUT-008",
    known: 11,
    host: "enrolled",
    breaks: withTokens({}, { issuer: "other" }),
  },
  {
    title: "a token without the right to push",
    symptom: "denied: requested access to the resource is denied",
    code: "RC-PSH-001",
    known: 9,
    host: "enrolled",
    breaks: withTokens({ grants: ["pull"] }),
  },
  {
    title: "a token without any right",
    symptom: "denied: requested access to the resource is denied",
    code: "RC-PSH-002",
    known: 9,
    host: "enrolled",
    breaks: withTokens({ grants: [] }),
  },
];
