/** What is recorded when. Pure; milliseconds since 1970 UTC. */
import { sameFamily } from "./codecs";
import { midnight, offset } from "../time/zone";

export interface Span {
  start: number;
  end: number;
  /** Codecs by RFC 6381, where they are known. */
  codec?: string;
}

/** A span without a recording, and why. */
export interface Gap {
  start: number;
  end: number;
  reason: string;
  detail: string;
}

/** A span that nothing deletes. */
export interface Held extends Span {
  reason: string;
}

/** Lengths of a timeline that can be chosen, seconds. */
export const LENGTHS = [
  ["600", "timeline.10min"],
  ["3600", "timeline.1h"],
  ["21600", "timeline.6h"],
  ["86400", "timeline.24h"],
] as const;

/** Reasons that somebody wanted, or that time brings; all others are faults, and are shown so. */
const WANTED = new Set(["off", "removed", "privacy", "schedule", "no-event", "on-command", "deleted", "starting", "unknown"]);

/** True where a gap is nobody's wish. */
export const isFault = (gap: Gap): boolean => !WANTED.has(gap.reason);

/** The gap at a moment, or null. */
export function gapAt(gaps: readonly Gap[], at: number): Gap | null {
  return gaps.find((gap) => gap.start <= at && at < gap.end) ?? null;
}

/** Segments that follow one another within this are one recording. */
const JOIN_MS = 1500;
/** Joins segments into recordings with the gaps between them, in order. */
export function join(segments: readonly Span[]): Span[] {
  const out: Span[] = [];
  for (const span of [...segments].sort((a, b) => a.start - b.start)) {
    const last = out[out.length - 1];
    if (last && span.start - last.end <= JOIN_MS && sameFamily(span.codec, last.codec)) last.end = Math.max(last.end, span.end);
    else out.push({ ...span });
  }
  return out;
}

/** The start of the recording after (`step` 1) or before (-1) a moment, or null. */
export function neighbour(recordings: readonly Span[], at: number, step: 1 | -1): number | null {
  if (step === 1) return recordings.find((span) => span.start > at + 500)?.start ?? null;
  return recordings.findLast((span) => span.start < at - 2000)?.start ?? null;
}

const STEPS = [1, 5, 15, 60, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200].map((s) => s * 1000);

/** Round wall times in `zone` within a window, at most `count` of them; an hour that occurs twice has its mark twice. */
export function ticks(window: Span, zone: string, count: number): number[] {
  const step = STEPS.find((ms) => (window.end - window.start) / ms <= count) ?? 86_400_000;
  const out: number[] = [];
  const quarter = 900_000;
  const unit = Math.min(step, quarter);
  const from = midnight(window.start, zone);
  for (let ms = from + Math.ceil((window.start - from) / unit) * unit; ms <= window.end; ms += unit) {
    const wallTime = ms + offset(ms, zone);
    if (wallTime % step === 0) out.push(ms);
  }
  return out;
}

/** A window of `length` around `at` that ends no later than `now` plus a tenth. */
export function around(at: number, length: number, now: number): Span {
  const end = Math.min(at + length / 2, now + length / 10);
  return { start: end - length, end };
}

/** The moment whose picture stands for `at` while it is pointed at: few enough of them that they are worth keeping; null: none. */
export function scrubbed(at: number, window: Span, recordings: readonly Span[]): number | null {
  const step = Math.max(1000, Math.ceil((window.end - window.start) / 400_000) * 1000);
  const found = recordings.find((span) => span.start <= at && at < span.end);
  return found ? Math.max(found.start, Math.floor(at / step) * step) : null;
}
