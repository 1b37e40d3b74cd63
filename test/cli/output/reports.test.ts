import { describe, expect, test } from "vitest";
import { verificationHtml } from "../../../src/cli/output/verification-html.ts";
import { verificationJunit } from "../../../src/cli/output/verification-junit.ts";
import { problem } from "../../../src/findings/problem.ts";
import type { Check, VerificationEntry, VerificationRun } from "../../../src/smoke/report.ts";

const HOSTILE = `</script><img src=x onerror=alert(1)> "quoted" 'so' & ]]> ${String.fromCodePoint(0xfffe, 0x1f600)}`;
const startedAt = "2026-11-24T01:02:03.456Z";
const refused = problem("RC-PSH-016", { authority: "reg.test", action: "push a", reason: HOSTILE, status: "400" }, [
  HOSTILE,
]);

function check(name: string, more: Partial<Check> = {}): Check {
  return { name, status: "passed", at: 100, took: 1500, detail: `found ${name}`, ...more };
}

function entry(registry: string, checks: readonly Check[], notes: readonly string[] = []): VerificationEntry {
  const ok = checks.every(({ status }) => status === "passed");
  const ways = [{ via: "direct" as const, checks }];
  return { registry, report: { registry, mode: "push-pull", startedAt, ok, ways, notes } };
}

function runOf(...entries: readonly VerificationEntry[]): VerificationRun {
  return { startedAt, took: 1600, hostname: "client-1", entries };
}

const failing = runOf(
  entry("reg.test", [check("push", { status: "failed", problem: refused }), check("pull", { status: "skipped" })]),
  { registry: HOSTILE, problem: problem("RC-CFG-004", { name: HOSTILE, enrolled: "reg.test" }) },
);

test("JUnit: suites, cases, times in seconds, properties", () => {
  const speed = { bytes: 1_000_000, ms: 500, mbPerSecond: 2 };
  expect(verificationJunit(runOf(entry("reg.test:5000", [check("push", { transfer: speed })], ["a note"])))).toBe(
    `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="regclient verify" tests="1" failures="0" errors="0" skipped="0">
  <testsuite name="reg.test:5000 direct" timestamp="2026-11-24T01:02:03" time="1.5" tests="1" failures="0" errors="0" skipped="0">
    <properties>
      <property name="host" value="client-1"/>
      <property name="mode" value="push-pull"/>
      <property name="note.1" value="a note"/>
    </properties>
    <testcase classname="reg.test:5000.direct" name="push" time="1.5">
      <properties>
        <property name="bytes" value="1000000"/>
        <property name="ms" value="500"/>
        <property name="mbPerSecond" value="2"/>
      </properties>
      <system-out><![CDATA[found push]]></system-out>
    </testcase>
  </testsuite>
</testsuites>
`,
  );
});

test("JUnit: what failed, with its code, cause and fix; what was skipped; a registry that could not be asked", () => {
  const xml = verificationJunit(failing);
  expect(xml).toContain('tests="3" failures="2" errors="0" skipped="1"');
  expect(xml).toContain('type="RC-PSH-016"');
  expect(xml).toContain('type="RC-CFG-004"');
  expect(xml).toContain("<skipped/>");
  expect(xml).toContain("cause: the registry found the request itself wrong (status 400)\nseen:  ");
  expect(xml).toMatch(/^fix: {3}/m);
});

test("JUnit: hostile text stays text", () => {
  const xml = verificationJunit(failing);
  const tags = xml.replaceAll(/<!\[CDATA\[[^]*?\]\]>/g, "").match(/<[^>]*>/g) ?? [];
  const names = tags.map((tag) => /^<[/?]?([a-z-]+)/.exec(tag)?.[1]);
  expect([...new Set(names)].sort()).toEqual([
    "failure",
    "properties",
    "property",
    "skipped",
    "testcase",
    "testsuite",
    "testsuites",
    "xml",
  ]);
  // a noncharacter is not allowed in XML at all
  expect(xml).not.toContain("\uFFFE");
});

describe("HTML", () => {
  const page = verificationHtml(failing);

  test("hostile text stays text", () => {
    expect(page).toContain(
      "&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt; &quot;quoted&quot; &#39;so&#39; &amp; ]]&gt;",
    );
    expect(page).not.toMatch(/<(?:script|img)/);
  });

  test("it needs nothing else: no script, no address, and a policy that forbids both", () => {
    expect(page).toContain("default-src &#39;none&#39;; style-src &#39;unsafe-inline&#39;");
    expect(page).not.toMatch(/\b(?:src|srcset|href)\s*=\s*"(?!#registry-\d+")/);
    expect(page).not.toMatch(/url\(|@import|https?:/);
  });

  test("it says what a person wants to know", () => {
    expect(page).toContain("2 of 2 do not work from client-1");
    expect(page).toContain("RC-PSH-016");
    expect(page).toContain(`aria-label="from 100 ms to 1.60 s"`);
    expect(page).toMatch(/<th role="rowheader" scope="row">push<\/th>/);
    expect(verificationHtml(runOf(entry("reg.test", [check("push")])))).toContain("All work from client-1");
  });

  test("every tag is closed", () => {
    const open: string[] = [];
    for (const [, end, name = "", own] of page.matchAll(/<(\/?)([a-z][a-z0-9]*)\b[^>]*?(\/?)>/g)) {
      if (own === "/" || name === "meta") continue;
      if (end === "/") expect([name, open.pop()]).toEqual([name, name]);
      else open.push(name);
    }
    expect(open).toEqual([]);
  });
});
