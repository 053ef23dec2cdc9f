/** Events over time: those that lie too close to be told apart as one, and counts of them. Moments are milliseconds. Pure. */
import type { StoredEvent } from "../api/types";
import type { Span } from "./range";

/** Marks that a span has room for. */
const ROOM = 40;
const BARS = 48;

export interface Cluster extends Span {
  severity: number;
  events: StoredEvent[];
}

/** Events of a span, oldest first, as marks that do not overlap. */
export function clustered(events: readonly StoredEvent[], span: Span): Cluster[] {
  const near = (span.end - span.start) / ROOM;
  const made: Cluster[] = [];
  const sorted = events
    .map((stored) => ({ stored, at: stored.event.time / 1000 }))
    .filter(({ at }) => at >= span.start && at < span.end)
    .sort((a, b) => a.at - b.at);
  for (const { stored, at } of sorted) {
    const last = made.at(-1);
    const severity = stored.event.severity ?? 0;
    if (last && at - last.start < near) {
      last.end = at;
      last.severity = Math.max(last.severity, severity);
      last.events.push(stored);
    } else made.push({ start: at, end: at, severity, events: [stored] });
  }
  return made;
}

/** How many of the moments fall into each of equal parts of a span; empty parts are left out. */
export function bars(times: readonly number[], span: Span): { start: number; end: number; count: number }[] {
  const width = (span.end - span.start) / BARS;
  const counts = new Map<number, number>();
  for (const at of times) {
    const part = Math.floor((at - span.start) / width);
    if (part >= 0 && part < BARS) counts.set(part, (counts.get(part) ?? 0) + 1);
  }
  return [...counts]
    .sort(([a], [b]) => a - b)
    .map(([part, count]) => ({ start: span.start + part * width, end: span.start + (part + 1) * width, count }));
}
