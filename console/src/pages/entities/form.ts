/** A form's texts from and to the document of an entity. Pure. */
import type { Field } from "../../api/fields";
import { t } from "../../text/t";

export type Draft = Record<string, string | boolean | string[]>;

/** Fields that a date picks; the API has microseconds. */
const MOMENTS = new Set(["valid_from", "valid_to", "expires"]);

/** Kept out of forms: the id comes from the name, the rest belongs to the server. */
export const isHidden = (field: Field, fresh: boolean): boolean => (field.name === "id" && !fresh) || field.name === "demo";

/** How the address of a recording of the server's disk begins. */
export const FILE = "file:";
/** What only a camera that is reached over a network has. */
const ASKED = ["transport", "username", "password"];

const plays = (draft: Draft): boolean => typeof draft.url === "string" && draft.url.trim().startsWith(FILE);

/** The fields that the way in which a camera's stream comes leaves: an address to ask, or the stream key of one that publishes. */
export function fitting(fields: readonly Field[], draft: Draft): Field[] {
  if (!fields.some((field) => field.name === "stream_key")) return [...fields];
  const idle = draft.driver === "rtmp" ? ["url", "transport", "repeat"] : ["stream_key", ...(plays(draft) ? ASKED : ["repeat"])];
  return fields
    .filter((field) => !idle.includes(field.name))
    .map((field) => (field.name === "url" ? { ...field, required: true } : field));
}

const LAST = ["description", "area", "tags", "id"];

/** What must be said comes first, what every kind has comes last. */
export function inOrder(fields: readonly Field[]): Field[] {
  const rank = (field: Field): number => (field.name === "name" ? 0 : field.required ? 1 : LAST.includes(field.name) ? 3 : 2);
  return [...fields].sort((a, b) => rank(a) - rank(b) || LAST.indexOf(a.name) - LAST.indexOf(b.name));
}

export function draftOf(fields: readonly Field[], document: Record<string, unknown> | null): Draft {
  const draft: Draft = {};
  for (const field of fields) {
    const value = document ? document[field.name] : field.default;
    if (field.secret) draft[field.name] = "";
    else if (field.type === "boolean") draft[field.name] = value === true;
    else if (field.type === "list") draft[field.name] = Array.isArray(value) ? value.map(String) : [];
    else if (field.type === "json" && field.nullable && (value === null || value === undefined)) draft[field.name] = "";
    else if (field.type === "json") draft[field.name] = JSON.stringify(value ?? {}, null, 2);
    else if (MOMENTS.has(field.name) && typeof value === "number") draft[field.name] = new Date(value / 1000).toISOString();
    else draft[field.name] = typeof value === "string" || typeof value === "number" ? String(value) : "";
  }
  return draft;
}

/** The value of one field, or a sentence about what is wrong with it; undefined leaves the field out. */
export function readField(field: Field, raw: Draft[string] | undefined): { value: unknown } | { wrong: string } {
  if (typeof raw === "boolean" || Array.isArray(raw)) return { value: raw };
  const text = (raw ?? "").trim();
  if (text === "") {
    if (field.required) return { wrong: t("form.required") };
    if (field.secret) return { value: undefined };
    if (field.nullable) return { value: null };
    return { value: field.type === "string" && field.name !== "id" ? "" : undefined };
  }
  if (field.type === "json") {
    try {
      return { value: JSON.parse(text) as unknown };
    } catch {
      return { wrong: t("form.json") };
    }
  }
  if (MOMENTS.has(field.name)) return { value: Date.parse(text) * 1000 };
  if (field.type !== "number" && field.type !== "integer") return { value: field.type === "string" ? text : raw };
  const number = Number(text.replace(",", "."));
  if (!Number.isFinite(number)) return { wrong: t("write.wrong.number") };
  if (field.type === "integer" && !Number.isInteger(number)) return { wrong: t("write.wrong.integer") };
  const low = field.minimum ?? field.exclusiveMinimum;
  const high = field.maximum ?? field.exclusiveMaximum;
  if (low !== undefined && (number < low || (number === low && field.minimum === undefined)))
    return { wrong: t("write.wrong.minimum", { limit: low }) };
  if (high !== undefined && (number > high || (number === high && field.maximum === undefined)))
    return { wrong: t("write.wrong.maximum", { limit: high }) };
  return { value: number };
}

/** The body of a request, or what is wrong by field. `before` leaves out what did not change. */
export function readDraft(
  fields: readonly Field[],
  draft: Draft,
  before: Draft | null,
): { body: Record<string, unknown> } | { wrong: Record<string, string> } {
  const body: Record<string, unknown> = {};
  const wrong: Record<string, string> = {};
  const left = fitting(fields, draft);
  // An address that was typed before the camera was set to publish is no part of it.
  if (left.length < fields.length && !left.some((field) => field.name === "url")) body.url = "";
  for (const field of left) {
    if (isHidden(field, before === null)) continue;
    if (before && JSON.stringify(before[field.name]) === JSON.stringify(draft[field.name])) continue;
    const read = readField(field, draft[field.name]);
    if ("wrong" in read) wrong[field.name] = read.wrong;
    else if (read.value !== undefined) body[field.name] = read.value;
  }
  return Object.keys(wrong).length > 0 ? { wrong } : { body };
}
