/** The drawing of lines, made by uPlot: options from what is drawn, columns from its lines. */
import uPlot from "uplot";

import { clock, day, wall } from "../time/zone";
import type { Line, Shade } from "./model";

/** Width of each axis, px; what is drawn under the plot keeps the same margins. */
export const AXIS = 52;
/** Different colours; a chart takes no more lines. */
const HUES = 8;

export interface Look {
  zone: string;
  colour: (name: string) => string;
}

export interface Handlers {
  shades: () => readonly Shade[];
  span: () => { start: number; end: number };
  onSelect: (start: number, end: number) => void;
  onWider: () => void;
  onCursor: (index: number | null) => void;
}

/** The units of lines, in their order; each has an axis. */
export function unitsOf(lines: readonly Line[]): string[] {
  return [...new Set(lines.map((line) => line.unit))];
}

/** How many axes stand left and right of the plot; none where there is no line. */
export function sidesOf(units: readonly string[]): { left: number; right: number } {
  return { left: Math.ceil(units.length / 2), right: Math.floor(units.length / 2) };
}

/** Which colour a line has: its place among the lines, an earlier time that of its own line. */
export function hueOf(lines: readonly Line[], line: Line): number {
  const own = lines.filter((one) => !one.earlier).findIndex((one) => one.id === line.id.replace(/ earlier$/, ""));
  return (Math.max(0, own) % HUES) + 1;
}

/** Texts of the time axis: as fine as its steps need. */
function marks(zone: string): uPlot.Axis.DynamicValues {
  return (_, splits) => {
    const step = splits.length > 1 ? (splits[1] ?? 0) - (splits[0] ?? 0) : 60;
    return splits.map((s, i) => {
      const ms = s * 1000;
      const at = wall(ms, zone);
      const midnight = at.hour === 0 && at.minute === 0 && at.second === 0;
      if (step >= 27 * 86_400) return day(ms, zone).slice(0, 7);
      if (step >= 86_400 || (midnight && i > 0)) return day(ms, zone).slice(5);
      if (step >= 60) return clock(ms, zone, false);
      if (step >= 1) return clock(ms, zone);
      return `${clock(ms, zone).slice(3)}.${String(Math.floor((s % 1) * 1000)).padStart(3, "0")}`;
    });
  };
}

function shade(plot: uPlot, shades: readonly Shade[], order: readonly string[], look: Look): void {
  const { ctx, bbox } = plot;
  const ratio = devicePixelRatio;
  // One line's shade fills the plot; of several, each has a strip of its own at the foot.
  const height = order.length > 1 ? 5 * ratio : bbox.height;
  ctx.save();
  for (const one of shades) {
    const left = Math.max(bbox.left, plot.valToPos(one.start / 1000, "x", true));
    const right = Math.min(bbox.left + bbox.width, plot.valToPos(one.end / 1000, "x", true));
    if (right <= left) continue;
    const place = Math.max(0, order.indexOf(one.line));
    ctx.fillStyle = look.colour(one.grade === "bad" ? "--sw-alarm-bg" : "--sw-warn-bg");
    ctx.fillRect(left, bbox.top + bbox.height - (place + 1) * height, Math.max(ratio, right - left), height);
  }
  ctx.restore();
}

/** Options of a plot of these lines. Each has three columns: its value, and its least and greatest, between which it is filled. */
export function optionsOf(
  lines: readonly Line[],
  size: { width: number; height: number },
  look: Look,
  on: Handlers,
): uPlot.Options {
  const units = unitsOf(lines);
  const axis = {
    stroke: look.colour("--sw-dim"),
    grid: { stroke: look.colour("--sw-line"), width: 1 },
    ticks: { stroke: look.colour("--sw-line"), size: 4 },
    font: '12px "Inter Variable", sans-serif',
  };
  const invisible = { stroke: "transparent", width: 0, points: { show: false } };
  const series: uPlot.Series[] = [{}];
  const bands: uPlot.Band[] = [];
  for (const line of lines) {
    const colour = look.colour(`--sw-series-${hueOf(lines, line)}`);
    const scale = `y${units.indexOf(line.unit)}`;
    series.push(
      {
        scale,
        stroke: colour,
        alpha: line.earlier ? 0.6 : 1,
        width: line.earlier ? 1 : 1.5,
        dash: line.earlier ? [4, 3] : undefined,
        points: { show: false },
        paths: line.stepped ? uPlot.paths.stepped?.({ align: 1 }) : undefined,
      },
      { scale, ...invisible },
      { scale, ...invisible },
    );
    const at = series.length - 1;
    if (!line.earlier) bands.push({ series: [at, at - 1], fill: `${colour}2e` });
  }
  const order = [...new Set(lines.filter((line) => !line.earlier).map((line) => line.id))];
  return {
    ...size,
    legend: { show: false },
    padding: [8, units.length > 1 ? 0 : 8, 0, 0],
    cursor: {
      drag: { x: true, y: false, setScale: false },
      points: { size: 6 },
      bind: {
        dblclick: () => () => {
          on.onWider();
          return null;
        },
      },
    },
    tzDate: (s) => uPlot.tzDate(new Date(s * 1000), look.zone),
    scales: {
      x: { time: true, range: () => [on.span().start / 1000, on.span().end / 1000] },
      ...Object.fromEntries(units.map((_, n) => [`y${n}`, { range: padded }])),
    },
    series,
    bands,
    axes: [
      { ...axis, values: marks(look.zone), space: 70, size: 30 },
      // eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment -- uPlot has no such enum at run time
      ...(units.length > 0 ? units : [""]).map((unit, n) => ({
        ...axis,
        scale: `y${n}`,
        side: n % 2 === 0 ? 3 : 1,
        size: AXIS,
        grid: { ...axis.grid, show: n === 0 },
        values: (_: uPlot, splits: number[]) => splits.map((value, i) => said(value, unit, i === splits.length - 1)),
      })),
    ],
    hooks: {
      drawClear: [(plot) => shade(plot, on.shades(), order, look)],
      setSelect: [
        (plot) => {
          const { left, width } = plot.select;
          if (width < 4) return;
          on.onSelect(plot.posToVal(left, "x") * 1000, plot.posToVal(left + width, "x") * 1000);
          plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
        },
      ],
      setCursor: [(plot) => on.onCursor(plot.cursor.idx ?? null)],
    },
  };
}

function said(value: number, unit: string, last: boolean): string {
  const size = Math.abs(value);
  const text = size >= 1e6 || (size > 0 && size < 1e-3) ? value.toExponential(1) : String(Number(value.toPrecision(6)));
  return last && unit ? `${text} ${unit}` : text;
}

/** A scale with room above and below; a line that never changes lies in the middle. */
function padded(_: uPlot, low: number | null, high: number | null): [number, number] {
  if (low === null || high === null || !Number.isFinite(low) || !Number.isFinite(high)) return [0, 1];
  const room = high > low ? (high - low) * 0.06 : Math.max(1, Math.abs(high) * 0.05);
  return [low - room, high + room];
}

/** uPlot's columns: one of times, and for each line its value, least and greatest. A time that a line lacks breaks nothing. */
export function dataOf(lines: readonly Line[]): uPlot.AlignedData {
  if (lines.length === 0) return [[], []] as unknown as uPlot.AlignedData;
  const tables = lines.map((line) => [line.times, line.values, line.low, line.high] as uPlot.AlignedData);
  return tables.length === 1 ? (tables[0] as uPlot.AlignedData) : uPlot.join(tables);
}
