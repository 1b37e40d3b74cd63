import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findingPages } from "./pages.ts";

// Writes docs/findings from the catalogue; pages of codes that are gone go.
const folder = join(import.meta.dirname, "../../docs/findings");
const pages = findingPages();
mkdirSync(folder, { recursive: true });
for (const name of readdirSync(folder)) if (!pages.has(name)) rmSync(join(folder, name));
for (const [name, text] of pages) writeFileSync(join(folder, name), text);
