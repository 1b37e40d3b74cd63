import { randomBytes } from "node:crypto";
import { compare } from "bcryptjs";
import { readRequest, reply, replyError, type Call } from "./reply.ts";

/** Who may do what. Passwords are plain, or bcrypt as `htpasswd -B` writes them. */
export interface AccessRules {
  readonly auth: "none" | "basic" | "bearer";
  readonly users?: Readonly<Record<string, string>>;
  /** May `user` do `action` (pull, push, delete) on `repository`? Everyone may everything unless given. */
  readonly allow?: (user: string, repository: string, action: string) => boolean;
  /** Where the bearer challenge sends clients, instead of this server's own /token. */
  readonly realm?: string;
  readonly tokenSeconds?: number;
}

/** The door of the registry. */
export interface Access {
  /** True if the call may go on; otherwise it has been answered. */
  admit(call: Call, repository: string | undefined, actions: readonly string[]): Promise<boolean>;
  /** Answers /token (distribution's spec/auth/token.md and oauth.md). */
  giveToken(call: Call): Promise<void>;
}

interface Grant {
  readonly user: string;
  /** `repository action`. */
  readonly rights: ReadonlySet<string>;
  readonly until: number;
}

/** Makes the door; tokens it gives out are opaque and live in memory. */
export function createAccess(rules: AccessRules): Access {
  const grants = new Map<string, Grant>();
  if (rules.auth === "none") return { admit: async () => true, giveToken: async (call) => reply(call, 404) };
  if (rules.auth === "basic")
    return {
      admit: (call, ...wanted) => admitBasic(rules, call, ...wanted),
      giveToken: async (call) => reply(call, 404),
    };
  return {
    admit: async (call, ...wanted) => admitBearer(rules, grants, call, ...wanted),
    giveToken: (call) => giveToken(rules, grants, call),
  };
}

async function admitBasic(
  rules: AccessRules,
  call: Call,
  repository: string | undefined,
  actions: readonly string[],
): Promise<boolean> {
  const user = await identify(rules, call);
  if (user === undefined) {
    replyError(call, "UNAUTHORIZED", null, { "WWW-Authenticate": 'Basic realm="Embedded Registry"' });
    return false;
  }
  if (repository === undefined || actions.every((action) => may(rules, user, repository, action))) return true;
  replyError(call, "DENIED", { repository });
  return false;
}

function admitBearer(
  rules: AccessRules,
  grants: ReadonlyMap<string, Grant>,
  call: Call,
  repository: string | undefined,
  actions: readonly string[],
): boolean {
  const token = /^bearer (.+)$/i.exec(call.request.headers.authorization ?? "")?.[1];
  const grant = token === undefined ? undefined : grants.get(token);
  const isLive = grant !== undefined && grant.until > Date.now();
  if (isLive && (repository === undefined || actions.every((action) => grant.rights.has(`${repository} ${action}`))))
    return true;
  const realm = rules.realm ?? `https://${call.request.headers.host ?? "localhost"}/token`;
  const scope = repository === undefined ? "" : `,scope="repository:${repository}:${actions.join(",")}"`;
  const refused = isLive ? ',error="insufficient_scope"' : ',error="invalid_token"';
  const error = token === undefined ? "" : refused;
  replyError(call, "UNAUTHORIZED", null, {
    "WWW-Authenticate": `Bearer realm="${realm}",service="embedded-registry"${scope}${error}`,
  });
  return false;
}

async function giveToken(rules: AccessRules, grants: Map<string, Grant>, call: Call): Promise<void> {
  const form = call.request.method === "POST" ? await readRequest(call.request, 128 * 1024) : undefined;
  const query = form === undefined ? call.url.searchParams : new URLSearchParams(form.toString("utf8"));
  const refresh = query.get("refresh_token");
  // an identity token is, here, `user:password`
  const user = refresh === null ? await identify(rules, call) : await check(rules, refresh);
  if (user === undefined) return replyError(call, "UNAUTHORIZED");
  const seconds = rules.tokenSeconds ?? 300;
  const token = randomBytes(24).toString("base64url");
  const rights = new Set(query.getAll("scope").flatMap((scope) => rightsIn(rules, user, scope)));
  grants.set(token, { user, rights, until: Date.now() + seconds * 1000 });
  const body = { token, access_token: token, expires_in: seconds, issued_at: new Date().toISOString() };
  return reply(call, 200, { "Content-Type": "application/json" }, JSON.stringify(body));
}

/** Less than was asked for may be granted; that is no error (spec/auth/token.md). */
function rightsIn(rules: AccessRules, user: string, scopes: string): readonly string[] {
  return scopes.split(" ").flatMap((scope) => {
    const match = /^repository:(.+):([a-z,*]+)$/.exec(scope);
    const [repository = "", actions = ""] = [match?.[1], match?.[2]];
    const granted = actions.split(",").filter((action) => action !== "" && may(rules, user, repository, action));
    return granted.map((action) => `${repository} ${action}`);
  });
}

function may(rules: AccessRules, user: string, repository: string, action: string): boolean {
  return rules.allow?.(user, repository, action) ?? true;
}

async function identify(rules: AccessRules, call: Call): Promise<string | undefined> {
  const encoded = /^basic (.+)$/i.exec(call.request.headers.authorization ?? "")?.[1] ?? "";
  return check(rules, Buffer.from(encoded, "base64").toString("utf8"));
}

async function check(rules: AccessRules, pair: string): Promise<string | undefined> {
  const colon = pair.indexOf(":");
  const [user, password] = [pair.slice(0, Math.max(colon, 0)), pair.slice(colon + 1)];
  const known = Object.entries(rules.users ?? {}).find(([name]) => name === user)?.[1];
  if (known === undefined) return undefined;
  const matches = known.startsWith("$2") ? await compare(password, known) : known === password;
  return matches ? user : undefined;
}
