import { useMantineColorScheme } from "@mantine/core";
import { useEffect, useMemo, useRef, useState, type KeyboardEvent } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";

import { useZone } from "../app/session";
import { t } from "../text/t";
import { useNow } from "../time/ticker";
import { stamp } from "../time/zone";
import styles from "./Chart.module.css";
import type { Line, Shade } from "./model";
import { dataOf, hueOf, optionsOf, unitsOf } from "./plot";
import { moved, within, zoomed, type Span } from "./range";

interface Props {
  label: string;
  lines: readonly Line[];
  shades: readonly Shade[];
  span: Span;
  height: number;
  /** Something else is asked for: a drag, the wheel or a key. */
  onSpan: (span: Span) => void;
}

/** How long a turned wheel rests before the new time is asked for. */
const SETTLE_MS = 150;
const NOTCH = 1.25;

/** Lines over time. What is shown stays until other columns come; the time axis moves at once. */
export function Chart({ label, lines, shades, span, height, onSpan }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const held = useRef({ span, shades, onSpan });
  const [at, setAt] = useState<number | null>(null);
  const zone = useZone();
  const { colorScheme } = useMantineColorScheme();
  const data = useMemo(() => dataOf(lines), [lines]);
  // The plot is made anew only where other lines are to be drawn, not for other values.
  const form = JSON.stringify(lines.map((line) => [line.id, line.unit, line.stepped, line.earlier]));
  const shape = useRef(lines);

  useEffect(() => {
    held.current = { span, shades, onSpan };
    shape.current = lines;
  });

  useEffect(() => {
    const element = box.current;
    if (!element) return undefined;
    const style = getComputedStyle(document.documentElement);
    const made = new uPlot(
      optionsOf(
        shape.current,
        { width: element.clientWidth, height },
        { zone, colour: (name) => style.getPropertyValue(name).trim() },
        {
          shades: () => held.current.shades,
          span: () => held.current.span,
          onSelect: (start, end) => held.current.onSpan(within({ start, end })),
          onWider: () => held.current.onSpan(zoomed(held.current.span, middle(held.current.span), 2)),
          onCursor: setAt,
        },
      ),
      dataOf(shape.current),
      element,
    );
    plot.current = made;
    let settle: ReturnType<typeof setTimeout> | undefined;
    const turn = (event: WheelEvent): void => {
      if (event.ctrlKey || event.metaKey || event.deltaY === 0) return;
      event.preventDefault();
      const place = made.posToVal(event.clientX - made.over.getBoundingClientRect().left, "x") * 1000;
      const next = zoomed(held.current.span, place, event.deltaY > 0 ? NOTCH : 1 / NOTCH);
      held.current = { ...held.current, span: next };
      made.setScale("x", { min: next.start / 1000, max: next.end / 1000 });
      clearTimeout(settle);
      settle = setTimeout(() => held.current.onSpan(next), SETTLE_MS);
    };
    made.over.addEventListener("wheel", turn, { passive: false });
    const observer = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height }));
    observer.observe(element);
    return () => {
      clearTimeout(settle);
      observer.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [form, zone, colorScheme, height]);

  useEffect(() => {
    plot.current?.setData(data);
  }, [data, shades, span, form, zone, colorScheme]);

  const press = (event: KeyboardEvent): void => {
    const act: Record<string, () => Span> = {
      ArrowLeft: () => moved(span, -0.25),
      ArrowRight: () => moved(span, 0.25),
      "+": () => zoomed(span, middle(span), 0.5),
      "=": () => zoomed(span, middle(span), 0.5),
      "-": () => zoomed(span, middle(span), 2),
    };
    const next = act[event.key];
    if (!next || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    onSpan(next());
  };

  return (
    <div className={styles.chart}>
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- keys move what is shown; buttons do the same */}
      <div
        ref={box}
        role="application"
        aria-label={label}
        title={t("chart.keys")}
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it takes keys
        tabIndex={0}
        onKeyDown={press}
        className={styles.plot}
        style={{ minHeight: height }}
        data-axes={unitsOf(lines).length}
      />
      {lines.length > 0 ? <Legend lines={lines} data={data} at={at} zone={zone} /> : null}
    </div>
  );
}

const middle = (span: Span): number => (span.start + span.end) / 2;

function Legend({ lines, data, at, zone }: { lines: readonly Line[]; data: uPlot.AlignedData; at: number | null; zone: string }) {
  const now = useNow();
  const time = at === null ? undefined : data[0][at];
  return (
    <div className={styles.legend} aria-hidden>
      <span className={styles.when}>{time === undefined ? t("chart.now") : stamp(time * 1000, zone, now)}</span>
      {lines.map((line, n) => (
        <span key={line.id} className={styles.entry}>
          <i
            className={styles.key}
            data-earlier={line.earlier || undefined}
            style={{ borderColor: `var(--sw-series-${hueOf(lines, line)})` }}
          />
          {line.earlier ? t("chart.earlier", { name: line.name }) : line.name} <b>{shown(line, data, n, at)}</b>
        </span>
      ))}
    </div>
  );
}

/** What a line says at the cursor: there, or the last before; without a cursor its newest value. */
function shown(line: Line, data: uPlot.AlignedData, n: number, at: number | null): string {
  const column = data[n * 3 + 1];
  if (!column) return t("value.none");
  const least = at === null ? 0 : Math.max(0, at - 200);
  for (let i = at ?? column.length - 1; i >= least; i--) {
    const value = column[i];
    if (value === null) return t("value.none");
    if (value === undefined) continue;
    const [low, high] = [data[n * 3 + 2]?.[i], data[n * 3 + 3]?.[i]];
    const text = `${value.toFixed(line.decimals)} ${line.unit}`.trim();
    if (typeof low !== "number" || typeof high !== "number" || low === high || at === null) return text;
    return t("chart.between", { value: text, low: low.toFixed(line.decimals), high: high.toFixed(line.decimals) });
  }
  return t("value.none");
}
