/** What the event page searches for: it stands in the address, and goes to the server as it is. Times are microseconds. */
import type { SavedSearch } from "../../api/types";

export interface LogFilter {
  types: readonly string[];
  entity: string;
  area: string;
  holder: string;
  source: string;
  severity: number;
  q: string;
  start: number | null;
  end: number | null;
}

export const NOTHING: LogFilter = {
  types: [],
  entity: "",
  area: "",
  holder: "",
  source: "",
  severity: 0,
  q: "",
  start: null,
  end: null,
};

const TEXTS = ["entity", "area", "holder", "source", "q"] as const;
const NUMBERS = ["severity", "start", "end"] as const;

function whole(text: string | null): number | null {
  return text !== null && /^\d{1,18}$/.test(text) ? Number(text) : null;
}

/** The filter of an address. */
export function fromAddress(search: URLSearchParams): LogFilter {
  const texts = Object.fromEntries(TEXTS.map((name) => [name, search.get(name) ?? ""])) as Record<(typeof TEXTS)[number], string>;
  return {
    ...texts,
    types: search.getAll("type"),
    severity: Math.min(3, whole(search.get("severity")) ?? 0),
    start: whole(search.get("start")),
    end: whole(search.get("end")),
  };
}

/** The filter as the server's parameters, and as an address. */
export function toAddress(filter: LogFilter): URLSearchParams {
  const query = new URLSearchParams();
  for (const type of filter.types) query.append("type", type);
  for (const name of TEXTS) if (filter[name]) query.set(name, filter[name]);
  for (const name of NUMBERS) {
    const value = filter[name];
    if (value !== null && (value || name !== "severity")) query.set(name, String(value));
  }
  return query;
}

/** The filter as the client's query. */
export function toQuery(filter: LogFilter) {
  return {
    type: filter.types.length > 0 ? [...filter.types] : undefined,
    entity: filter.entity || undefined,
    area: filter.area || undefined,
    holder: filter.holder || undefined,
    source: filter.source || undefined,
    severity: filter.severity || undefined,
    q: filter.q || undefined,
    start: filter.start ?? undefined,
    end: filter.end ?? undefined,
  };
}

/** The filter that a saved search means at a moment, in ms. */
export function ofSaved(saved: SavedSearch, now: number): LogFilter {
  return {
    types: saved.types,
    entity: saved.entity,
    area: saved.within ?? "",
    holder: saved.holder ?? "",
    source: saved.source,
    severity: saved.severity,
    q: saved.text,
    start: saved.span ? (now - saved.span * 1000) * 1000 : null,
    end: null,
  };
}

/** Whether events as they happen can be told to fit: what the live socket filters by. */
export function canFollow(filter: LogFilter): boolean {
  return !filter.area && !filter.source && filter.end === null && !(filter.holder && filter.entity);
}
