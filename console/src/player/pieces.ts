/** What of a recording a player holds, and what it asks for next. Pure; ms since 1970 UTC unless it says seconds. */
import type { Range } from "./mse";
import type { Span } from "./timeline";

/** Seconds of watching that are held ready, that are asked for at a time, and that are kept behind. */
export const AHEAD = 10;
export const PIECE = 30;
export const BEHIND = 20;
/** A player's timeline begins this long before the moment at which it was opened, so that it can go back. */
export const ROOM = 3_600_000;
/** A range that begins so soon (seconds) holds a moment, since two files of one recording may lie so far apart. */
const NEAR = 1.6;
/** A recording may be told to end so much (seconds) after its last picture began. */
const LAST = 1;

/** The recording that holds a moment, or null. */
export function spanAt(recordings: readonly Span[], at: number, backward = false): Span | null {
  const found = recordings.find((span) => (backward ? span.start < at && at <= span.end : span.start <= at && at < span.end));
  return found ?? null;
}

/** Where the clock goes on when none of the cameras has a recording: the next moment that any has, or null. */
export function nextRecorded(lanes: readonly (readonly Span[])[], at: number, backward: boolean): number | null {
  const found = lanes.flatMap((spans) =>
    spans.flatMap((span) => (backward ? (span.end < at ? [span.end] : []) : span.start > at ? [span.start] : [])),
  );
  if (found.length === 0) return null;
  return backward ? Math.max(...found) : Math.min(...found);
}

/** Seconds of a player's timeline for a moment; backward, time runs from later to earlier. */
export const toMedia = (at: number, origin: number, backward: boolean): number => (backward ? origin - at : at - origin) / 1000;
export const toWall = (seconds: number, origin: number, backward: boolean): number =>
  backward ? origin - seconds * 1000 : origin + seconds * 1000;

/** The range that holds `time`, or nearly; `edge` is where the recording ends. Seconds. */
export function rangeAt(held: readonly Range[], time: number, edge = Infinity): Range | null {
  const found = held.find((range) => range.start - NEAR <= time && time < range.end);
  return found ?? held.find((range) => Math.abs(edge - range.end) < LAST && range.end <= time && time <= edge) ?? null;
}

export interface Ask {
  start: number;
  end: number;
}

export interface Need {
  span: Span;
  origin: number;
  backward: boolean;
  /** Times as fast as life, at least 1. */
  pace: number;
  /** Somebody steps: what lies just before is wanted, too. */
  paused: boolean;
}

/** What to ask for so that `at` is shown and goes on, given what is held; null where there is enough. */
export function need(at: number, held: readonly Range[], { span, origin, backward, pace, paused }: Need): Ask | null {
  const time = toMedia(at, origin, backward);
  const range = rangeAt(held, time);
  if (range && range.end - time > AHEAD * pace) return null;
  const from = range ? toWall(range.end, origin, backward) : at;
  const length = PIECE * 1000 * pace;
  if (backward) {
    const start = Math.max(span.start, from - length);
    return from - start < 50 ? null : { start, end: Math.min(span.end, from) };
  }
  const begin = Math.max(span.start, !range && paused ? from - 3000 : from);
  const next = range ? undefined : held.find((one) => one.start > time);
  const limit = next ? toWall(next.start, origin, false) + 200 : Infinity;
  const end = Math.min(span.end, from + length, limit);
  return end - from < 50 ? null : { start: begin, end };
}

/** How fast the picture is to run so that it meets the clock; null: it has to jump. `drift` is seconds of its timeline ahead. */
export function pace(speed: number, drift: number): number | null {
  const rate = Math.abs(speed);
  const real = drift / rate;
  if (Math.abs(real) > 0.4) return null;
  if (Math.abs(real) < 0.015) return rate;
  return rate * (1 - Math.max(-0.1, Math.min(0.1, real * 1.5)));
}
