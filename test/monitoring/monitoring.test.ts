import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { parseCommandLine } from "../../src/cli/app.ts";
import { namesIn, renderEverything } from "./rendered.ts";

const top = join(import.meta.dirname, "../..");
const read = (path: string): string => readFileSync(join(top, path), "utf8");

interface Alert {
  readonly alert: string;
  readonly expr: string;
  readonly for: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}
interface AlertTest {
  readonly alert_rule_test: readonly { readonly alertname: string; readonly exp_alerts: readonly unknown[] }[];
}
interface Panel {
  readonly id: number;
  readonly title: string;
  readonly type: string;
  readonly datasource?: unknown;
  readonly targets?: readonly { readonly refId: string; readonly datasource: unknown; readonly expr: string }[];
}

const rules = (parse(read("monitoring/regclient.rules.yml")) as { groups: [{ rules: readonly Alert[] }] }).groups[0]
  .rules;
const tried = (parse(read("test/monitoring/alerts.test.yml")) as { tests: readonly AlertTest[] }).tests.flatMap(
  (each) => each.alert_rule_test,
);
const dashboard = JSON.parse(read("monitoring/regclient.dashboard.json")) as {
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly { name: string; type: string; definition?: string }[] };
};
const targets = dashboard.panels.flatMap((panel) => panel.targets ?? []);

/** The metrics of regclient that a text names. */
function metricsIn(text: string): readonly string[] {
  return [...new Set(text.match(/\bregclient_[a-z_]+/g) ?? [])];
}

describe("metrics that are named are rendered", async () => {
  const rendered = namesIn(await renderEverything());
  const variables = dashboard.templating.list.map(({ definition }) => definition ?? "").join("\n");
  test.each([
    ["the alerts", rules.map(({ expr }) => expr).join("\n")],
    ["the dashboard", [variables, ...targets.map(({ expr }) => expr)].join("\n")],
    ["docs/metrics.md", read("docs/metrics.md")],
  ])("by %s", (_, text) => {
    expect(metricsIn(text).length).toBeGreaterThan(6);
    expect(metricsIn(text).filter((name) => !rendered.has(name) && !rendered.has(`${name}_count`))).toEqual([]);
  });

  test("and each that is rendered is explained in docs/metrics.md", () => {
    const page = read("docs/metrics.md");
    const families = new Set([...rendered].map((name) => name.replace(/(?<=seconds)_(?:bucket|sum|count)$/, "")));
    expect(families.size).toBeGreaterThan(15);
    expect([...families].filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
  });
});

describe.each(rules)("$alert", ({ alert, labels, annotations, for: hold }) => {
  test("says how bad it is, how long it lasted, and what to type", () => {
    expect(["warning", "critical"]).toContain(labels["severity"]);
    expect(hold).toMatch(/^\d+[mh]$/);
    expect(Object.keys(annotations).sort()).toEqual(["description", "runbook", "summary"]);
    expect(annotations["summary"]).not.toMatch(/\.$/);
    expect(annotations["runbook"]).toMatch(/^(?:regclient|systemctl|journalctl) /);
  });

  test("names commands that there are, with options that they have", async () => {
    const named = [...(annotations["runbook"] ?? "").matchAll(/(?:^|; |; then )regclient ([a-z]+)([^;]*)/g)];
    for (const [, command = "", rest = ""] of named) {
      const parsed = await parseCommandLine([command, "--help"], "0", 100);
      const help = parsed.kind === "print" ? parsed.text : "";
      expect(help).toContain(`regclient ${command}`);
      for (const option of rest.match(/--[a-z-]+/g) ?? []) expect(help).toContain(option);
    }
  });

  test("is tried both ways", () => {
    const outcomes = tried
      .filter(({ alertname }) => alertname === alert)
      .map(({ exp_alerts }) => exp_alerts.length > 0);
    expect(new Set(outcomes)).toEqual(new Set([true, false]));
  });
});

describe("the dashboard", () => {
  test("can be imported anywhere: each panel takes the data source that is chosen", () => {
    const chosen = { type: "prometheus", uid: "${datasource}" };
    expect(dashboard.templating.list[0]).toMatchObject({ name: "datasource", type: "datasource" });
    const filled = dashboard.panels.filter(({ type }) => type !== "row");
    expect(filled.length).toBeGreaterThan(10);
    for (const panel of filled) expect(panel.datasource).toEqual(chosen);
    for (const target of targets) expect(target.datasource).toEqual(chosen);
  });

  test("has panels and queries that can be told apart", () => {
    const ids = dashboard.panels.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { title, targets = [] } of dashboard.panels) {
      expect(title).not.toBe("");
      expect(new Set(targets.map(({ refId }) => refId)).size).toBe(targets.length);
    }
  });

  test("shows the chosen hosts only", () => {
    expect(targets.filter(({ expr }) => !expr.includes('instance=~"$instance"'))).toEqual([]);
  });
});
