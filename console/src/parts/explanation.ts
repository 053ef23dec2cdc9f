import { isKind, splitRef, type Kind } from "../site/kinds";

export interface Part {
  name: string;
  value: string;
  /** Reference of the entity that the part names, when it names one. */
  ref: string | null;
}

export interface Explanation {
  text: string;
  parts: Part[];
}

const KIND_OF_PART: Record<string, Kind> = { profile: "access-profile", schedule: "schedule", decided_by: "controller" };

/** Words of the server that are no ids. */
const DECIDERS = new Set(["server", "controller"]);

/** Reads the explanation of an access decision from an event's data; null for an event that has none. */
export function explanationOf(data: Record<string, unknown>): Explanation | null {
  const raw = data.explanation;
  if (typeof raw !== "object" || raw === null) return null;
  const parts: Part[] = [];
  let text = typeof data.explanation_text === "string" ? data.explanation_text : "";
  for (const [name, value] of Object.entries(raw as Record<string, unknown>)) {
    if (value === null || value === "" || value === undefined) continue;
    if (name === "text") {
      text = typeof value === "string" ? value : text;
      continue;
    }
    const shown = typeof value === "string" ? value : JSON.stringify(value);
    const kind = KIND_OF_PART[name];
    const isRef = shown.includes(":") && isKind(splitRef(shown).kind);
    const named = kind && /^[a-z0-9][a-z0-9-]*$/.test(shown) && !DECIDERS.has(shown) ? `${kind}:${shown}` : null;
    parts.push({ name, value: shown, ref: isRef ? shown : named });
  }
  if (typeof data.reason === "string" && data.reason) parts.unshift({ name: "reason", value: data.reason, ref: null });
  return text || parts.length > 0 ? { text, parts } : null;
}
