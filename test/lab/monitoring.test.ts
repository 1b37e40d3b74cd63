import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { renderEverything } from "../monitoring/rendered.ts";
import { makeScratchRoot } from "../support/scratch-root.ts";
import { requireLab } from "./lab.ts";

requireLab();

const top = join(import.meta.dirname, "../..");

/** What Prometheus' own tool says; an empty answer and code 0 is praise. */
function promtool(argv: readonly string[], input = ""): { readonly code: number | null; readonly said: string } {
  const { status, stdout, stderr } = spawnSync("promtool", argv, { cwd: top, input, encoding: "utf8" });
  return { code: status, said: `${stdout}${stderr}` };
}

describe("Prometheus' own tool", () => {
  test("finds nothing to say about what the daemon renders", async () => {
    expect(promtool(["check", "metrics"], await renderEverything())).toEqual({ code: 0, said: "" });
  });

  test("reads the alerts", () => {
    expect(promtool(["check", "rules", "monitoring/regclient.rules.yml"])).toMatchObject({ code: 0 });
  });

  test("sees each alert fire when it should, and not when it should not", () => {
    const { code, said } = promtool(["test", "rules", "test/monitoring/alerts.test.yml"]);
    expect({ code, said: code === 0 ? "" : said }).toEqual({ code: 0, said: "" });
  });

  test("reads the queries of the dashboard", () => {
    const text = readFileSync(join(top, "monitoring/regclient.dashboard.json"), "utf8");
    const { panels } = JSON.parse(text) as { panels: readonly { targets?: readonly { expr: string }[] }[] };
    const exprs = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
    expect(exprs.length).toBeGreaterThan(15);
    const rules = exprs.map((expr, index) => ({ record: `query:${index}`, expr: expr.replaceAll(/\$(\w+)/g, "$1") }));
    const root = makeScratchRoot({ "queries.yml": stringify({ groups: [{ name: "queries", rules }] }) });
    const { code, said } = promtool(["check", "rules", join(root, "queries.yml")]);
    expect({ code, said: code === 0 ? "" : said }).toEqual({ code: 0, said: "" });
  });
});
