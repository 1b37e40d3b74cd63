import { expect } from "vitest";
import type { Machine } from "./machine.ts";

/** One entry of a machine's journal, as far as the tests look at it. */
export interface JournalEntry {
  readonly message: string;
  /** As syslog(3) counts. */
  readonly priority: number;
  readonly identifier: string;
}

/** Properties of a unit, as systemd shows them. */
export async function showUnit(machine: Machine, unit: string): Promise<Readonly<Record<string, string>>> {
  const lines = (await machine.must(["systemctl", "show", unit])).split("\n");
  return Object.fromEntries(lines.map((line) => [line.split("=", 1)[0] ?? "", line.slice(line.indexOf("=") + 1)]));
}

/** What the programs of a unit have written since the machine booted, and what systemd has said of it. */
export async function readJournal(machine: Machine, unit: string): Promise<readonly JournalEntry[]> {
  // what is under way to the journal is there afterwards
  await machine.must(["journalctl", "--sync"]);
  const text = await machine.must(["journalctl", "--boot", "--unit", unit, "--output=json", "--no-pager"]);
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Readonly<Record<string, string>>)
    .map((entry) => ({
      message: entry["MESSAGE"] ?? "",
      priority: Number(entry["PRIORITY"]),
      identifier: entry["SYSLOG_IDENTIFIER"] ?? "",
    }));
}

/** Waits until a unit is in this state. */
export async function waitForState(machine: Machine, unit: string, state: string): Promise<void> {
  await expect.poll(async () => (await showUnit(machine, unit))["ActiveState"], patient).toBe(state);
}

/** Waits until the service runs as another process than `pid`, and gives that. */
export async function waitForSuccessor(machine: Machine, unit: string, pid: string): Promise<string> {
  const state = async (): Promise<unknown> => {
    const { ActiveState, MainPID } = await showUnit(machine, unit);
    return { ActiveState, isAnother: MainPID !== pid };
  };
  await expect.poll(state, patient).toEqual({ ActiveState: "active", isAnother: true });
  return (await showUnit(machine, unit))["MainPID"] ?? "";
}

/** Writes a drop-in for a unit, as docs/daemon.md says, or takes it away again. */
export async function overrideUnit(machine: Machine, unit: string, text: string | undefined): Promise<void> {
  const folder = `/etc/systemd/system/${unit}.d`;
  if (text === undefined) await machine.must(["rm", "-r", folder]);
  else {
    await machine.must(["mkdir", "-p", folder]);
    await machine.must(["sh", "-c", `cat >${folder}/override.conf`], { stdin: text });
  }
  await machine.must(["systemctl", "daemon-reload"]);
}

/** Events come at once; a machine that is busy with other things takes longer. */
export const patient = { timeout: 60_000, interval: 100 } as const;
