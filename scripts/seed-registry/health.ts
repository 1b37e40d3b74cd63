import { request as requestHttp, type IncomingMessage } from "node:http";
import { request as requestHttps } from "node:https";
import { isIPv6 } from "node:net";
import type { TLSSocket } from "node:tls";
import { fingerprintOfDer } from "./certificate.ts";
import type { Settings } from "./settings.ts";

/** What the two doors of an instance answer. */
export interface Health {
  readonly isHealthy: boolean;
  /** One line each: what was asked, and what came back. */
  readonly registry: string;
  readonly front: string;
  /** Fingerprint of the certificate that is served; undefined when the handshake failed. */
  readonly served: string | undefined;
}

interface Answer {
  readonly status: number;
  readonly apiVersion: string | undefined;
  readonly served: string | undefined;
}

const TIMEOUT_MS = 5000;

/** Asks both doors for /v2/: the registry is to say 200, nginx (asked without a password) 401. */
export async function checkHealth(settings: Settings, signal: AbortSignal): Promise<Health> {
  const limited = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]);
  const [registry, front] = await Promise.all([
    ask("http", "127.0.0.1", settings.registryPort, settings, limited),
    ask("https", frontAddress(settings), settings.httpsPort, settings, limited),
  ]);
  const isFrontGood = isAnswer(front) && front.status === 401 && front.apiVersion === "registry/2.0";
  return {
    isHealthy: isAnswer(registry) && registry.status === 200 && isFrontGood,
    registry: `GET http://127.0.0.1:${settings.registryPort}/v2/: ${tell(registry)}`,
    front: `GET https://${settings.alias}:${settings.httpsPort}/v2/: ${tell(front)}`,
    served: isAnswer(front) ? front.served : undefined,
  };
}

/** Asks again until `holds` or `timeoutMs` are over; gives the last answer. */
export async function waitForHealth(
  settings: Settings,
  signal: AbortSignal,
  timeoutMs: number,
  holds: (health: Health) => boolean = (health) => health.isHealthy,
): Promise<Health> {
  const limit = AbortSignal.timeout(timeoutMs);
  for (;;) {
    const health = await checkHealth(settings, signal);
    if (holds(health) || limit.aborted || signal.aborted) return health;
    await new Promise((resolve) => setTimeout(resolve, 40));
  }
}

function frontAddress({ listen }: Settings): string {
  if (listen === null || listen === "0.0.0.0") return "127.0.0.1";
  return isIPv6(listen) && new URL(`http://[${listen}]/`).hostname === "[::]" ? "::1" : listen;
}

function ask(
  scheme: "http" | "https",
  host: string,
  port: number,
  settings: Settings,
  signal: AbortSignal,
): Promise<Answer | string> {
  const { alias } = settings;
  const common = { host, port, path: "/v2/", signal, agent: false, headers: { host: `${alias}:${port}` } } as const;
  return new Promise((resolve) => {
    const receive = (response: IncomingMessage): void => {
      response.resume();
      resolve(readAnswer(response));
    };
    const sent =
      scheme === "http"
        ? requestHttp(common, receive)
        : // Not verified but compared: what is served must be the very certificate in the data folder.
          requestHttps({ ...common, servername: alias, rejectUnauthorized: false }, receive);
    sent.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    sent.end();
  });
}

function readAnswer(response: IncomingMessage): Answer {
  const version = response.headers["docker-distribution-api-version"];
  const socket = response.socket as Partial<TLSSocket>;
  const der = socket.getPeerCertificate?.().raw;
  return {
    status: response.statusCode ?? 0,
    apiVersion: Array.isArray(version) ? version.join(", ") : version,
    served: der === undefined ? undefined : fingerprintOfDer(der),
  };
}

function isAnswer(answer: Answer | string): answer is Answer {
  return typeof answer !== "string";
}

function tell(answer: Answer | string): string {
  return isAnswer(answer) ? String(answer.status) : answer;
}
