import { expect, test } from "vitest";
import { describeProgram } from "../../src/cli/app.ts";
import { writeDebianChangelog } from "../../scripts/packaging/debian/changelog.ts";
import { writeManualPages } from "../../scripts/packaging/man-pages.ts";

const pages = new Map((await writeManualPages(0)).map((page) => [page.name, page]));
const textOf = (name: string): string => pages.get(name)?.text ?? "";

test("there is a page for the program, for each command, for the helper and for declarations", () => {
  const commands = describeProgram().commands.map(({ name }) => `regclient-${name}`);
  const others = ["regclient", "docker-credential-regclient", "regclient.yaml"];
  expect([...pages.keys()].sort()).toEqual([...commands, ...others].sort());
  expect(pages.get("regclient.yaml")?.section).toBe(5);
});

test.each(describeProgram().commands.map((command) => [command.name, command] as const))(
  "the page of %s names its options, those of all commands, and the exit codes",
  (name, command) => {
    const text = textOf(`regclient-${name}`);
    expect(text).toContain(String.raw`regclient\-${name} \- `);
    for (const option of [...command.options, ...describeProgram().options])
      expect(text).toMatch(
        new RegExp(String.raw`\\fB\\-\\-(?:no\\-)?${option.name.replaceAll("-", String.raw`\\-`)}\\fR`),
      );
    for (let code = 0; code <= 8; code++) expect(text).toContain(`.TP\n\\fB${code}\\fR\n`);
  },
);

test("lines that would steer the formatter are text", () => {
  for (const { name, text } of pages.values())
    for (const line of text.split("\n"))
      expect(`${name}: ${line}`).toMatch(/^[^:]+: (?!['.])|: \.(?:TH|SH|TP|PP|RS|RE|nf|fi|br)\b/);
});

test("the changelog is Debian's: wrapped, one entry a release, each with its date", () => {
  const markdown = `# Changelog\n\n## 0.2.0 (unreleased)\n\n- ${"word ".repeat(30)}\n\n## 0.1.0 (2026-01-02)\n\n- one\n  and more\n`;
  const text = writeDebianChangelog(markdown, "A Person <a@b.test>", 86_400);
  expect(text).toContain("regclient (0.2.0) unstable; urgency=medium\n\n  * word");
  expect(text).toContain(" -- A Person <a@b.test>  Fri, 02 Jan 1970 00:00:00 +0000\n");
  expect(text).toContain("regclient (0.1.0) unstable; urgency=medium\n\n  * one and more\n\n");
  expect(text).toContain(" -- A Person <a@b.test>  Fri, 02 Jan 2026 12:00:00 +0000\n");
  expect(Math.max(...text.split("\n").map((line) => line.length))).toBeLessThan(80);
  expect(() => writeDebianChangelog("## next\n\n- x\n", "A <a@b.test>", 0)).toThrow("VERSION (DATE)");
});
