import * as z from "zod";
import { documents } from "./documents.ts";

/** The JSON Schemas (2020-12) of docs/schemas: file name and text. Keys may be added by later versions. */
export function renderSchemas(): readonly (readonly [name: string, text: string])[] {
  return Object.entries(documents).map(([name, schema]) => {
    const { $schema, ...rest } = z.toJSONSchema(schema, {
      override: ({ jsonSchema }) => {
        delete jsonSchema.additionalProperties;
      },
    });
    return [`${name}.json`, `${JSON.stringify({ $schema, $id: `urn:regclient:${name}`, ...rest }, undefined, 2)}\n`];
  });
}
