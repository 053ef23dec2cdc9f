/** Stretches of time from events that begin and end them. Pure. */
import type { StoredEvent } from "../api/types";
import type { Band } from "./model";
import type { Span } from "./range";

/** How long something was on: from an event of `begins` to the next of `ends`. One that began before lasts from the span's start. */
export function stretches(
  events: readonly StoredEvent[],
  begins: readonly string[],
  ends: readonly string[],
  span: Span,
  now: number,
): Band[] {
  const made: Band[] = [];
  let since: number | null = null;
  let first = true;
  const put = (start: number, end: number): void => {
    if (end > start) made.push({ kind: "on", text: "", start, end });
  };
  for (const { event } of [...events].sort((a, b) => a.event.time - b.event.time)) {
    const at = event.time / 1000;
    if (begins.includes(event.type)) {
      since ??= at;
      first = false;
    } else if (ends.includes(event.type)) {
      if (since !== null) put(since, at);
      else if (first) put(span.start, at);
      since = null;
      first = false;
    }
  }
  if (since !== null) put(since, Math.min(span.end, now));
  return made;
}
