/** A server that speaks no TLS on port 443: without a greeting it stays silent, with an empty one it hangs up. */
interface TcpStub {
  readonly kind: "tcp";
  readonly greets?: string;
}

/** A registry, as far as GET /v2/ goes, whose clock says something else. */
interface DatedStub {
  readonly kind: "dated";
  readonly date: string;
  readonly cert: string;
  readonly key: string;
}

/** A token server, on 127.0.0.1:5100. */
export interface TokenStub {
  readonly kind: "token";
  readonly username: string;
  readonly password: string;
  readonly cert: string;
  readonly key: string;
  /** How far its clock is ahead. */
  readonly aheadSeconds: number;
  /** Actions it lets anybody do. */
  readonly grants: readonly string[];
  /** What it says to everything, in place of a token. */
  readonly answer?: { readonly status: number; readonly body: string };
}

/** A name server, on UDP port 53: it gives one address for every name, or says that there is no such name. */
interface NameStub {
  readonly kind: "names";
  readonly address?: string;
}

/** What `failure-stub-main.ts` is told to be. */
export type Stub = NameStub | TcpStub | DatedStub | TokenStub;
