import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { renderBundle } from "../../src/trust/bundle.ts";
import { judgeChain } from "../../src/trust/chain.ts";
import type { GoRow } from "../support/go-rows.ts";
import type { ClientAnswer, StageAnswer, StageRow } from "./go-verdict-stage.ts";

const STAGE = `
  set -e
  mount -t overlay overlay -o "lowerdir=/etc,upperdir=$1/upper,workdir=$1/work" /etc
  mkdir -p /etc/docker/certs.d
  echo "10.9.8.7 reg.test a.reg.test" >> /etc/hosts
  ip link set lo up
  ip addr add 10.9.8.7/32 dev lo
  exec "$2" "$3" "$1"`;

/**
 * Serves every row in namespaces of its own, on an address that is not loopback (there Docker would not verify), and
 * lets docker and skopeo log in there. Gives their answers by title. Nothing is left on the host.
 */
export function askGo(rows: readonly GoRow[]): ReadonlyMap<string, StageAnswer> {
  for (const program of ["docker", "skopeo", "unshare", "ip"]) requireProgram(program);
  const scratch = mkdtempSync(join(tmpdir(), "ask-go-"));
  try {
    for (const folder of ["upper", "work"]) mkdirSync(join(scratch, folder));
    writeFileSync(join(scratch, "rows.json"), JSON.stringify(rows.map(toStageRow)));
    runStage(scratch);
    const answers = JSON.parse(readFileSync(join(scratch, "answers.json"), "utf8")) as StageAnswer[];
    return new Map(answers.map((answer) => [answer.title, answer]));
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Asserts that the program accepted what we accept, and refused in our words what we refuse. */
export function expectAgreement(row: GoRow, client: ClientAnswer | undefined): void {
  const verdict = judgeChain({ ...row, name: row, now: Date.now() });
  const ours = verdict.ok ? "accepted" : verdict.goText;
  expect({ ours, ...client }).toMatchObject({ accepted: verdict.ok });
  if (!verdict.ok) expect(comparable(client?.output ?? "")).toContain(comparable(verdict.goText));
}

/** The clients read their own clock, wrap quotation marks in more, and older Go adds how to override. */
function comparable(text: string): string {
  return text
    .replaceAll(/current time \S+/g, "current time")
    .replaceAll(String.raw`\"`, '"')
    .replaceAll(" (temporarily override with GODEBUG=x509sha1=1)", "");
}

function runStage(scratch: string): void {
  const stage = join(import.meta.dirname, "go-verdict-stage.ts");
  const namespaces = ["--net", "--mount", "--pid", "--fork", "--kill-child"];
  execFileSync("unshare", [...namespaces, "sh", "-c", STAGE, "sh", scratch, process.execPath, stage], {
    stdio: ["ignore", "inherit", "inherit"],
    timeout: 110_000,
  });
}

function toStageRow(row: GoRow, index: number): StageRow {
  return {
    title: row.title,
    host: row.host,
    port: 5000 + index,
    keyPem: row.keyPem,
    chainPem: row.served.map(({ pem }) => pem).join(""),
    caFile: row.caFile ?? Buffer.from(renderBundle(row.anchors)).toString("base64"),
  };
}

function requireProgram(program: string): void {
  try {
    execFileSync("sh", ["-c", 'command -v "$1"', "sh", program], { stdio: "ignore" });
  } catch {
    throw new Error(`the lab needs ${program}, which is not installed`);
  }
}
