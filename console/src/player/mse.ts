/** When and where a live player jumps, slows or speeds, from its buffer alone. Pure; seconds. */

export interface Range {
  start: number;
  end: number;
}

export interface Advice {
  /** Where to jump to, or null to go on. */
  seek: number | null;
  rate: number;
  /** Everything before this is let go, or null. */
  trimTo: number | null;
}

/** How far behind the newest frame the player aims to be. */
export const AIM = 0.25;
/** Behind by more than this, it jumps: nobody wants to watch the past at 110 %. */
export const JUMP = 2;
const KEEP = 6;
const TRIM_AT = 12;

/** Advice for a player at `time` with `ranges` buffered, oldest first. */
export function advise(time: number, ranges: readonly Range[]): Advice {
  const last = ranges[ranges.length - 1];
  const first = ranges[0];
  if (!last || !first) return { seek: null, rate: 1, trimTo: null };
  const behind = last.end - time;
  const outside = time < last.start || behind < -0.5;
  const seek = outside || behind > JUMP ? Math.max(last.start, last.end - AIM) : null;
  const rate = seek !== null || behind <= AIM * 2 ? 1 : behind > 1 ? 1.15 : 1.05;
  const at = seek ?? time;
  const trimTo = at - first.start > TRIM_AT ? at - KEEP : null;
  return { seek, rate, trimTo };
}

/** Advice for a player of key frames alone, each of which stands until the next one: it goes from one to the next, and never runs. */
export function still(time: number, ranges: readonly Range[]): Advice {
  const last = ranges[ranges.length - 1];
  const first = ranges[0];
  if (!last || !first) return { seek: null, rate: 1, trimTo: null };
  const seek = time >= last.start && time < last.end ? null : (last.start + last.end) / 2;
  return { seek, rate: 1, trimTo: last.start - first.start > TRIM_AT ? last.start - KEEP : null };
}

export function ranges(buffered: TimeRanges): Range[] {
  return Array.from({ length: buffered.length }, (_, i) => ({ start: buffered.start(i), end: buffered.end(i) }));
}

/** By how much sound may part from its pictures before it jumps, rather than slows or speeds. */
export const APART = 0.3;

/** Advice for sound at `time` that goes with pictures at `shown`, both on one timeline. */
export function follow(time: number, shown: number, ranges: readonly Range[]): Advice {
  const advice = advise(time, ranges);
  const ahead = time - shown;
  const there = ranges.some((range) => shown >= range.start && shown < range.end);
  if (!there) return { ...advice, seek: null, rate: 1 };
  if (Math.abs(ahead) > APART) return { ...advice, seek: shown, rate: 1 };
  return { ...advice, seek: null, rate: Math.abs(ahead) < 0.04 ? 1 : ahead > 0 ? 0.97 : 1.03 };
}
