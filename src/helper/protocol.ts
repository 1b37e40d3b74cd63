import { printable } from "../findings/problem.ts";

/** What the helper prints on stdout, and its exit code: errors too go to stdout (docker-credential-helpers). */
export interface HelperAnswer {
  readonly text: string;
  readonly exit: 0 | 1;
}

/** What Docker sends to `store`. */
export interface StoreRequest {
  readonly server: string;
  readonly username: string;
  readonly secret: string;
}

/** docker-credential-helpers, credentials/error.go: Docker compares these to the letter. */
export const helperErrors = {
  notFound: "credentials not found in native keychain",
  noServer: "no credentials server URL",
  noUsername: "no credentials username",
} as const;

/** An answer that is a JSON value. */
export function answer(value: object): HelperAnswer {
  return { text: `${JSON.stringify(value)}\n`, exit: 0 };
}

/** An answer that says nothing, as to `store` and `erase`. */
export const done: HelperAnswer = { text: "", exit: 0 };

/** An error, on one line; docker prints it as it is. */
export function refuse(text: string): HelperAnswer {
  return { text: `${printable(text.replaceAll(/\s+/g, " "))}\n`, exit: 1 };
}

/** Reads the body of `store`; a text is the error to answer with. */
export function parseStoreRequest(input: string): StoreRequest | string {
  let value: unknown;
  try {
    value = JSON.parse(input);
  } catch {
    return "the input is not JSON";
  }
  const fields = (typeof value === "object" && value !== null ? value : {}) as Record<string, unknown>;
  const { ServerURL: server, Username: username, Secret: secret } = fields;
  if (typeof server !== "string" || server.trim() === "") return helperErrors.noServer;
  if (typeof username !== "string" || username === "") return helperErrors.noUsername;
  if (typeof secret !== "string") return "the input has no secret";
  return { server: server.trim(), username, secret };
}
