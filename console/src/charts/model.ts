/** From the server's columns to what is drawn: lines with breaks, lanes of states, shades where quality was not good. Pure. */

import type { PointColumns, Value } from "../api/types";
import { grade } from "../site/quality";
import type { Span } from "./range";

/** A point that is read stands in the store at least every ten minutes; past this nothing was known. */
const SILENT_US = 21 * 60_000_000;

/** Numbers over time. Times are seconds; null breaks the line. */
export interface Line {
  id: string;
  name: string;
  unit: string;
  decimals: number;
  stepped: boolean;
  /** Of a time before, drawn under this one. */
  earlier: boolean;
  times: number[];
  values: (number | null)[];
  /** Least and greatest of each bucket; empty where the line is of samples. */
  low: (number | null)[];
  high: (number | null)[];
}

/** What held over a span. `kind` chooses its look. */
export interface Band extends Span {
  kind: "on" | "off" | "mixed" | "text" | "uncertain" | "bad" | "recorded" | "gap";
  text: string;
}

export interface Lane {
  id: string;
  name: string;
  bands: Band[];
}

/** A stretch of a line whose quality was not good. */
export interface Shade extends Span {
  line: string;
  grade: "uncertain" | "bad";
}

const isNumber = (value: unknown): value is number => typeof value === "number";

/** The line of a point of numbers; `shift` (ms) moves an earlier time under this one. */
export function lineOf(columns: PointColumns, shift = 0): Line {
  const buckets = columns.form === "buckets";
  const line: Line = {
    id: columns.point + (shift ? " earlier" : ""),
    name: columns.name,
    unit: columns.unit,
    decimals: columns.type === "integer" ? 0 : columns.decimals,
    stepped: columns.type === "integer" && !buckets,
    earlier: shift > 0,
    times: [],
    values: [],
    low: [],
    high: [],
  };
  const put = (us: number, value: number | null, low: number | null, high: number | null): void => {
    line.times.push(us / 1e6 + shift / 1000);
    line.values.push(value);
    line.low.push(low);
    line.high.push(high);
  };
  const step = buckets ? stepOf(columns.times) : 0;
  let last = -Infinity;
  columns.times.forEach((us, i) => {
    if (last > 0 && us - last > Math.max(SILENT_US, 2.5 * step)) put((last + us) / 2, null, null, null);
    last = us;
    if (buckets) put(us + step / 2, columns.averages[i] ?? null, columns.minima[i] ?? null, columns.maxima[i] ?? null);
    else {
      const value = columns.values[i];
      put(us, isNumber(value) && grade(columns.qualities[i] ?? 0) !== "bad" ? value : null, null, null);
    }
  });
  return line;
}

/** The width of buckets, microseconds: the least distance of two of them. */
function stepOf(times: readonly number[]): number {
  let least = Infinity;
  for (let i = 1; i < times.length; i++) least = Math.min(least, (times[i] ?? 0) - (times[i - 1] ?? 0));
  return Number.isFinite(least) ? least : 0;
}

/** What a point of states was, span by span; a value holds until the next one, and no longer than it can be known. */
export function laneOf(columns: PointColumns, width: number, words: { on: string; off: string; mixed: string }): Lane {
  const buckets = columns.form === "buckets";
  const hold = buckets ? Math.max(SILENT_US, 2.5 * width) : SILENT_US;
  const bands: Band[] = [];
  columns.times.forEach((us, i) => {
    const next = columns.times[i + 1] ?? Infinity;
    const end = Math.min(next, us + hold);
    const { kind, text } = stateAt(columns, i, buckets, words);
    const held = bands.at(-1);
    if (held?.kind === kind && held.text === text && held.end >= us / 1000) held.end = end / 1000;
    else bands.push({ kind, text, start: us / 1000, end: end / 1000 });
  });
  return { id: columns.point, name: columns.name, bands };
}

function stateAt(
  columns: PointColumns,
  i: number,
  buckets: boolean,
  words: { on: string; off: string; mixed: string },
): Pick<Band, "kind" | "text"> {
  if (buckets) {
    const [low, high] = [columns.minima[i] ?? null, columns.maxima[i] ?? null];
    if (low === null || high === null) return { kind: "bad", text: "" };
    if (low !== high) return { kind: "mixed", text: words.mixed };
    return high > 0 ? { kind: "on", text: words.on } : { kind: "off", text: words.off };
  }
  const value: Value = columns.values[i] ?? null;
  if (value === null || grade(columns.qualities[i] ?? 0) === "bad") return { kind: "bad", text: "" };
  if (typeof value === "string") return { kind: "text", text: value };
  return value > 0 ? { kind: "on", text: words.on } : { kind: "off", text: words.off };
}

/** Where a line's quality was not good, neighbouring stretches as one. */
export function shadesOf(columns: PointColumns, width: number): Shade[] {
  const shades: Shade[] = [];
  columns.times.forEach((us, i) => {
    const found = grade(columns.qualities[i] ?? 0);
    if (found === "good") return;
    const next = columns.times[i + 1] ?? us + SILENT_US;
    const end = (columns.form === "buckets" ? us + width : Math.min(next, us + SILENT_US)) / 1000;
    const held = shades.at(-1);
    if (held?.grade === found && held.end >= us / 1000) held.end = end;
    else shades.push({ line: columns.point, grade: found, start: us / 1000, end });
  });
  return shades;
}

/** The row of a table or a file: a time (ms) and, for each line, what stands at exactly that time. */
export interface Row {
  time: number;
  cells: (string | null)[];
}

/** All times of several lines with their values as text, ascending. Breaks are left out. */
export function rowsOf(lines: readonly Line[]): Row[] {
  const rows = new Map<number, (string | null)[]>();
  lines.forEach((line, n) => {
    line.times.forEach((s, i) => {
      const value = line.values[i];
      if (value === null || value === undefined) return;
      const ms = Math.round(s * 1000);
      const cells = rows.get(ms) ?? lines.map(() => null);
      const [low, high] = [line.low[i] ?? null, line.high[i] ?? null];
      const range = low !== null && high !== null && low !== high;
      const text = value.toFixed(line.decimals);
      cells[n] = range ? `${text} (${low.toFixed(line.decimals)}…${high.toFixed(line.decimals)})` : text;
      rows.set(ms, cells);
    });
  });
  return [...rows].map(([time, cells]) => ({ time, cells })).sort((a, b) => a.time - b.time);
}

/** What is shown, as CSV: RFC 4180, times as RFC 3339 in UTC, each line with its least and greatest. */
export function csvOf(columns: readonly PointColumns[]): string {
  const quoted = (text: string): string => {
    const safe = /^[=+\-@\t\r]/.test(text) && Number.isNaN(Number(text)) ? `'${text}` : text;
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  const shown = (value: Value | undefined): string => (value === null || value === undefined ? "" : quoted(String(value)));
  const out = ["point,name,unit,time,value,minimum,maximum,count,quality"];
  for (const one of columns) {
    one.times.forEach((us, i) => {
      const buckets = one.form === "buckets";
      const value = buckets ? one.averages[i] : one.values[i];
      const rest = buckets ? [one.minima[i], one.maxima[i], one.counts[i]] : [null, null, null];
      out.push(
        [
          one.point,
          quoted(one.name),
          quoted(one.unit),
          new Date(us / 1000).toISOString(),
          shown(value),
          ...rest.map(shown),
          `0x${(one.qualities[i] ?? 0).toString(16).toUpperCase().padStart(8, "0")}`,
        ].join(","),
      );
    });
  }
  return `${out.join("\r\n")}\r\n`;
}
