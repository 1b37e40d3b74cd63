import { inspect } from "node:util";

const REDACTED = "[redacted]";
const values = new WeakMap<Secret, string>();

/** A secret text that cannot be printed, logged or serialised by accident: it shows as `[redacted]`. */
export interface Secret {
  readonly kind: "secret";
  toString(): string;
  toJSON(): string;
}

/** Wraps `value`; only `reveal` gives it back. */
export function secret(value: string): Secret {
  const wrapped: Secret = {
    kind: "secret",
    toString: () => REDACTED,
    toJSON: () => REDACTED,
  };
  Object.defineProperty(wrapped, inspect.custom, { value: () => REDACTED });
  values.set(wrapped, value);
  return Object.freeze(wrapped);
}

/** The text inside. Call it only where the secret goes on the wire or into a vault. */
export function reveal(wrapped: Secret): string {
  const value = values.get(wrapped);
  if (value === undefined) throw new Error("not a secret made by secret()");
  return value;
}
