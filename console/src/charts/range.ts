/** The time that is shown: the last seconds up to now, or a fixed span. Moments are milliseconds. Pure. */

export interface Span {
  start: number;
  end: number;
}

export type Range = { last: number } | Span;

/** Seconds of the choices, and what they are called. */
export const PRESETS = [
  [300, "range.5min"],
  [900, "range.15min"],
  [3600, "range.1h"],
  [21_600, "range.6h"],
  [86_400, "range.24h"],
  [604_800, "range.7d"],
  [2_592_000, "range.30d"],
  [31_536_000, "range.1y"],
] as const;

const SHORTEST = 1000;
const LONGEST = 10 * 366 * 86_400_000;

export function isLive(range: Range): range is { last: number } {
  return "last" in range;
}

/** Reads `?last=3600` or `?from=<ms>&to=<ms>`; what cannot be read is the default. */
export function readRange(search: URLSearchParams, standard: number): Range {
  const number = (name: string): number => Number(search.get(name) ?? NaN);
  const [from, to, last] = [number("from"), number("to"), number("last")];
  if (from >= 0 && to > from) return within({ start: from, end: to });
  return { last: last >= 1 && last * 1000 <= LONGEST ? last : standard };
}

/** The search with the range in it; the rest stays. */
export function writeRange(search: URLSearchParams, range: Range): URLSearchParams {
  const next = new URLSearchParams(search);
  for (const name of ["last", "from", "to"]) next.delete(name);
  if (isLive(range)) next.set("last", String(range.last));
  else {
    next.set("from", String(Math.round(range.start)));
    next.set("to", String(Math.round(range.end)));
  }
  return next;
}

/** The span that is shown at `now`. A live one moves on in steps, so that an answer can be kept for a while. */
export function spanOf(range: Range, now: number): Span {
  if (!isLive(range)) return range;
  const step = Math.max(2000, range.last * 5);
  const end = Math.ceil(now / step) * step;
  return { start: end - range.last * 1000, end };
}

/** A span between a second and ten years, about its own middle. */
export function within(span: Span): Span {
  const length = Math.min(LONGEST, Math.max(SHORTEST, span.end - span.start));
  const start = Math.max(0, (span.start + span.end) / 2 - length / 2);
  return { start: Math.round(start), end: Math.round(start + length) };
}

/** The span `factor` times as long, in which `at` keeps its place. */
export function zoomed(span: Span, at: number, factor: number): Span {
  const length = Math.min(LONGEST, Math.max(SHORTEST, (span.end - span.start) * factor));
  const part = (at - span.start) / (span.end - span.start);
  const start = Math.max(0, at - length * part);
  return { start: Math.round(start), end: Math.round(start + length) };
}

/** The span moved by a part of its length. */
export function moved(span: Span, part: number): Span {
  const by = Math.max(-span.start, (span.end - span.start) * part);
  return { start: Math.round(span.start + by), end: Math.round(span.end + by) };
}

export const COMPARED = ["none", "period", "day", "week", "year"] as const;
export type Compared = (typeof COMPARED)[number];

/** How far back the compared time lies, ms; 0 for none. */
export function backBy(compared: Compared, span: Span): number {
  const day = 86_400_000;
  return { none: 0, period: span.end - span.start, day, week: 7 * day, year: 365 * day }[compared];
}
