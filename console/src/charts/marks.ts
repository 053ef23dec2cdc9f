/** Events over time: those that lie too close to be told apart as one, and counts of them. Moments are milliseconds. Pure. */
import type { EventCounts, StoredEvent } from "../api/types";
import type { Span } from "./range";

/** Marks that a span has room for. */
const ROOM = 40;

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

/** How often something happened in a part of a span. */
export interface Bar extends Span {
  count: number;
}

/** The counts of some types together, step by step; steps without any are left out. */
export function barsOf(counted: EventCounts | undefined, types: readonly string[]): Bar[] {
  if (!counted) return [];
  const columns = counted.series.filter(({ name }) => types.includes(name)).map(({ counts }) => counts);
  const at = (step: number): number => (counted.start + step * counted.step) / 1000;
  return (columns[0] ?? [])
    .map((_, n) => ({ start: at(n), end: at(n + 1), count: columns.reduce((sum, column) => sum + (column[n] ?? 0), 0) }))
    .filter(({ count }) => count > 0);
}
