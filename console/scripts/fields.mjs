// What a form needs to know of the documents that can be created: their fields with types, limits and defaults.

const KEPT = ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "maxLength", "pattern", "enum", "default"];

function field(name, schema, required) {
  const options = schema.anyOf ?? [schema];
  const core = options.find((option) => option.type !== "null") ?? schema;
  const type = core.enum
    ? "enum"
    : core.type === "array"
      ? core.items?.type === "string"
        ? "list"
        : "json"
      : core.type === "object"
        ? "json"
        : core.type;
  const description = schema.description ?? core.description;
  const out = { name, type: type ?? "json", required };
  if (options.some((option) => option.type === "null")) out.nullable = true;
  if (/^Write-only/.test(description ?? "")) out.secret = true;
  else if (description && !/^Lower-case/.test(description)) out.help = description;
  for (const key of KEPT) {
    const value = schema[key] ?? core[key];
    if (value !== undefined && key !== "pattern") out[key] = value;
  }
  return out;
}

export function fields(document) {
  const forms = {};
  for (const [path, operations] of Object.entries(document.paths)) {
    const body = operations.post?.requestBody?.content?.["application/json"]?.schema?.$ref?.split("/").pop();
    const plural = /^\/api\/v1\/([a-z-]+)$/.exec(path)?.[1];
    if (!plural || !body?.endsWith("Input")) continue;
    const { properties, required = [] } = document.components.schemas[body];
    forms[plural] = Object.entries(properties).map(([name, schema]) => field(name, schema, required.includes(name)));
  }
  return `
export interface Field {
  name: string;
  type: "string" | "number" | "integer" | "boolean" | "enum" | "list" | "json";
  required: boolean;
  nullable?: boolean;
  secret?: boolean;
  help?: string;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  maxLength?: number;
  enum?: readonly string[];
  default?: unknown;
}

/** The fields of what can be created, by plural. */
export const FIELDS: Record<string, readonly Field[]> = ${JSON.stringify(forms, null, 2)};
`;
}
