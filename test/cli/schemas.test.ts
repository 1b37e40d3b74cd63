import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parseCommandLine } from "../../src/cli/app.ts";
import { explainBug } from "../../src/cli/bug.ts";
import { documents } from "../../src/cli/schemas/documents.ts";
import { renderSchemas } from "../../src/cli/schemas/json-schema.ts";
import { catalogue, type FindingCode } from "../../src/findings/catalogue.ts";
import { problem } from "../../src/findings/problem.ts";

const folder = join(import.meta.dirname, "../../docs/schemas");
// they print no JSON
const WITHOUT = new Set(["daemon", "completion"]);

test("docs/schemas is what the schemas say: node scripts/schemas.ts writes it", () => {
  const kept = readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), "utf8")]);
  expect(Object.fromEntries(kept)).toEqual(Object.fromEntries(renderSchemas()));
});

test("every command has a schema", async () => {
  const parsed = await parseCommandLine(["--help"], "0", 100);
  const help = parsed.kind === "print" ? parsed.text : "";
  const commands = [...help.matchAll(/^ {2}regclient ([a-z]+) /gm)].map((match) => match[1] ?? "");
  expect(commands).toContain("verify");
  const described = new Set(Object.keys(documents).map((name) => name.replace(/-.*/, "")));
  expect(commands.filter((command) => !WITHOUT.has(command) && !described.has(command))).toEqual([]);
});

test("every failure in the catalogue is a problem as described", () => {
  const facts = new Proxy<Record<string, string>>({}, { get: () => "x", has: () => true });
  for (const code of Object.keys(catalogue) as FindingCode[]) {
    expect(documents["problem"]?.safeParse(problem(code, facts, ["y"])).error?.message).toBeUndefined();
  }
});

test("a bug is described for every command", () => {
  const bug: unknown = JSON.parse(explainBug(new Error("x"), true).out);
  for (const name of Object.keys(documents).filter((each) => each !== "problem")) {
    expect([name, documents[name]?.safeParse(bug).success]).toEqual([name, true]);
  }
});

test("the schemas let later versions add keys, and name what they need", () => {
  for (const [name, text] of renderSchemas()) {
    const schema = JSON.parse(text) as { readonly $schema: string; readonly $id: string };
    expect(schema).toMatchObject({ $schema: "https://json-schema.org/draft/2020-12/schema" });
    expect(`${schema.$id}.json`).toBe(`urn:regclient:${name}`);
    expect(text).not.toContain("additionalProperties");
    expect(text).toContain('"required"');
  }
});
