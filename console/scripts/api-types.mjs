// Writes src/api/schema.d.ts and src/api/fields.ts from ../openapi.json; with --check it only tells whether they are fresh.
import { readFile, writeFile } from "node:fs/promises";
import openapiTS, { astToString } from "openapi-typescript";

import { fields } from "./fields.mjs";

const source = new URL("../../openapi.json", import.meta.url);
const head = "// Generated from openapi.json by `npm run types`; do not edit.\n";

// Fields with a default may be absent on the wire, so they are optional here.
const types = astToString(await openapiTS(source, { defaultNonNullable: false, emptyObjectsUnknown: true }));
const files = {
  "../src/api/schema.d.ts": `${head}\n${types}`,
  "../src/api/fields.ts": `${head}${fields(JSON.parse(await readFile(source, "utf8")))}`,
};
for (const [path, text] of Object.entries(files)) {
  const target = new URL(path, import.meta.url);
  if (!process.argv.includes("--check")) await writeFile(target, text);
  else if ((await readFile(target, "utf8").catch(() => "")) !== text) {
    console.error(`console/src/api/${path.split("/").pop()} is stale against openapi.json: run \`scripts/npm.sh run types\`.`);
    process.exit(1);
  }
}
