import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { renderSchemas } from "../src/cli/schemas/json-schema.ts";

// Writes docs/schemas anew: node scripts/schemas.ts
const folder = join(import.meta.dirname, "../docs/schemas");
mkdirSync(folder, { recursive: true });
for (const [name, text] of renderSchemas()) writeFileSync(join(folder, name), text);
