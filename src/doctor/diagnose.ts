import type { Pass } from "../enrollment/pass.ts";
import { openRegistry } from "../registry/open-registry.ts";
import type { RegistryName } from "../registry/name.ts";
import { readDockerTrust } from "../smoke/docker-trust.ts";
import { examineCertificate } from "./certificate.ts";
import { examineDirectories } from "./certificate-directory.ts";
import { examineFiles, examineRecords } from "./configuration.ts";
import { examineEngine, examineEngineWay, findEngineState, type EngineState } from "./engine.ts";
import { examineConfigs, examineLogins, readUserConfigs, type UserConfigs } from "./logins.ts";
import { examineAuth, examineHttp, examineRead, examineWrite, type Means } from "./protocol.ts";
import { examineName, judgePort, judgeRoute, preferAnswering, reachAll, type Reach } from "./reach.ts";
import {
  failed,
  runPlanned,
  type Diagnosis,
  type DoctorCheck,
  type PlannedCheck,
  type RegistryDiagnosis,
} from "./report.ts";
import { describeSubject, openLogin, type Subject } from "./subject.ts";

/** What is asked. */
export interface DiagnosisRequest {
  readonly names: readonly RegistryName[];
  /** Only these were asked for: the records of others do not matter. */
  readonly named: boolean;
  /** The engine of this host, for tests to replace. */
  readonly findEngine?: typeof findEngineState;
}

/** Looks at all that can be wrong on this host and with the registries, from the ground up. Changes nothing, and pushes no image. */
export async function diagnose(pass: Pass, request: DiagnosisRequest): Promise<Diagnosis> {
  const { host } = pass;
  const subjects: Subject[] = [];
  for (const name of request.names) subjects.push(await describeSubject(pass, name));
  const engine = await (request.findEngine ?? findEngineState)(host);
  const users = [...new Set(subjects.flatMap(({ declaration }) => declaration?.credentials.users ?? []))];
  const configs = await readUserConfigs(host, users);
  const keys = request.named ? request.names.map(({ key }) => key) : undefined;
  const ofHost = await runPlanned(
    [
      { layer: "configuration", name: "records", chain: "none", run: () => examineRecords(host.files, keys) },
      { layer: "runtime", name: "engine", chain: "none", run: () => examineEngine(host.files, engine) },
      { layer: "credentials", name: "docker configs", chain: "none", run: () => examineConfigs(host, configs) },
    ],
    (name) => pass.watch.begin(`this host: ${name}`),
  );
  const registries: RegistryDiagnosis[] = [];
  for (const subject of subjects) registries.push(await diagnoseRegistry(subject, engine, configs));
  return { host: ofHost, registries };
}

async function diagnoseRegistry(
  subject: Subject,
  engine: EngineState,
  configs: UserConfigs,
): Promise<RegistryDiagnosis> {
  const { name, enrolled, pass } = subject;
  const begin = (check: string): void => pass.watch.begin(`${name.key}: ${check}`);
  const checks = subject.broken === undefined ? await runAll(subject, engine, configs, begin) : [];
  return { registry: name.key, enrolled: enrolled !== undefined, reference: name.referencePrefix, checks };
}

async function runAll(
  subject: Subject,
  engine: EngineState,
  configs: UserConfigs,
  begin: (check: string) => void,
): Promise<readonly DoctorCheck[]> {
  const { name, pass } = subject;
  const { files } = pass.host;
  const below = await runPlanned(
    [
      { layer: "configuration", name: "files", chain: "configuration", run: () => examineFiles(subject) },
      { layer: "configuration", name: "certs.d", chain: "configuration", run: () => examineDirectories(files, name) },
    ],
    begin,
  );
  if (below.some(({ status }) => status === "failure")) return [...below, ...skippedChecks(AFTER_CONFIGURATION)];
  let reached = subject;
  const way = await runPlanned(
    wayChecks(subject, (reach) => (reached = preferAnswering(subject, reach))),
    begin,
  );
  const isNameKnown = way.every((check) => check.layer !== "name" || check.status !== "failure");
  const isReached = way.every((check) => check.status !== "failure");
  const spoken = isReached
    ? await withMeans(reached, (means) => runPlanned(protocolChecks(reached, means), begin))
    : skippedChecks(PROTOCOL);
  const local: readonly PlannedCheck[] = [
    { layer: "runtime", name: "engine", chain: "none", run: () => examineEngineWay(subject, engine, isNameKnown) },
    { layer: "credentials", name: "docker login", chain: "none", run: async () => examineLogins(name, configs) },
  ];
  return [...below, ...way, ...spoken, ...(await runPlanned(local, begin))];
}

function wayChecks(subject: Subject, tell: (reach: Reach) => void): readonly PlannedCheck[] {
  let reach: Reach = { answering: [], failures: [] };
  return [
    { layer: "name", name: "name", chain: "network", run: () => examineName(subject) },
    {
      layer: "route",
      name: "route",
      chain: "network",
      run: async () => {
        reach = await reachAll(subject);
        tell(reach);
        return judgeRoute(subject, reach);
      },
    },
    { layer: "port", name: "port", chain: "network", run: async () => judgePort(subject, reach) },
    {
      layer: "TLS",
      name: "certificate",
      chain: "network",
      run: () => examineCertificate(preferAnswering(subject, reach), reach.answering),
    },
  ];
}

const PROTOCOL = [
  { layer: "HTTP", name: "http" },
  { layer: "auth", name: "login" },
  { layer: "read", name: "read" },
  { layer: "write", name: "write" },
] as const;
const AFTER_CONFIGURATION = [
  { layer: "name", name: "name" },
  { layer: "route", name: "route" },
  { layer: "port", name: "port" },
  { layer: "TLS", name: "certificate" },
  ...PROTOCOL,
  { layer: "runtime", name: "engine" },
  { layer: "credentials", name: "docker login" },
] as const;

function protocolChecks(subject: Subject, means: Means): readonly PlannedCheck[] {
  const runs = { http: examineHttp, login: examineAuth, read: examineRead, write: examineWrite };
  return PROTOCOL.map(({ layer, name }) => ({ layer, name, chain: "network", run: () => runs[name](subject, means) }));
}

function skippedChecks(planned: readonly Pick<PlannedCheck, "layer" | "name">[]): readonly DoctorCheck[] {
  return planned.map(({ layer, name }) => ({ layer, name, status: "skipped", detail: "an earlier check failed" }));
}

async function withMeans(
  subject: Subject,
  work: (means: Means) => Promise<readonly DoctorCheck[]>,
): Promise<readonly DoctorCheck[]> {
  const { pass, name, route, declaration } = subject;
  const login = await openLogin(subject);
  if (!login.ok) {
    const [verdict] = failed(login.problem);
    const check = { layer: "auth", name: "stored login", ...verdict } as DoctorCheck;
    return [check, ...skippedChecks(PROTOCOL)];
  }
  const credential = login.value;
  const { client, http } = openRegistry(pass.host, {
    route,
    anchors: await readDockerTrust(pass.host.files, name),
    allowedRealms: declaration?.credentials.realms ?? [],
    credentials: typeof credential === "string" ? undefined : credential,
  });
  try {
    return await work({ http, client, credential });
  } finally {
    http.close();
  }
}
