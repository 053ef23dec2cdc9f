import { useMantineColorScheme } from "@mantine/core";
import { useEffect, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";

import { useZone } from "../../app/session";
import type { Point, Samples } from "../../api/types";
import { showValue } from "../../site/values";
import { t } from "../../text/t";
import { clock, day, stamp } from "../../time/zone";
import { series } from "./series";

interface Props {
  point: Point;
  samples: Samples;
  /** The window, ms. */
  start: number;
  end: number;
}

/** One point's history as one calm line; a value that was not good leaves a gap. */
export function Chart({ point, samples, start, end }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const window = useRef({ start, end });
  const zone = useZone();
  const { colorScheme } = useMantineColorScheme();

  useEffect(() => {
    const element = box.current;
    if (!element) return undefined;
    const style = getComputedStyle(document.documentElement);
    const color = (name: string): string => style.getPropertyValue(name).trim();
    const axis = {
      stroke: color("--sw-dim"),
      grid: { stroke: color("--sw-line"), width: 1 },
      ticks: { stroke: color("--sw-line") },
      font: '12px "Inter Variable", sans-serif',
    };
    const stepped = point.type === "boolean" || point.type === "integer";
    const made = new uPlot(
      {
        width: element.clientWidth,
        height: 220,
        legend: { show: true, live: true },
        cursor: { drag: { x: false, y: false } },
        tzDate: (s) => uPlot.tzDate(new Date(s * 1000), zone),
        scales: { x: { time: true, range: () => [window.current.start / 1000, window.current.end / 1000] } },
        series: [
          {
            label: t("event.time"),
            value: (_, s) => (typeof s === "number" ? stamp(s * 1000, zone, Date.now()) : t("value.none")),
          },
          {
            label: point.unit || t("points.value"),
            stroke: color("--sw-accent"),
            width: 1.5,
            points: { show: false },
            spanGaps: false,
            paths: stepped ? uPlot.paths.stepped?.({ align: 1 }) : undefined,
            value: (_, v) => (typeof v === "number" ? showValue(point.type === "boolean" ? v > 0 : v, point) : t("value.none")),
          },
        ],
        axes: [
          {
            ...axis,
            values: (_, marks) => {
              const spanning = (marks.at(-1) ?? 0) - (marks[0] ?? 0) > 86_400;
              return marks.map((s) => (spanning ? day(s * 1000, zone) : clock(s * 1000, zone, false)));
            },
          },
          { ...axis, size: 60 },
        ],
      },
      [[], []],
      element,
    );
    plot.current = made;
    const observer = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height: 220 }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [point, zone, colorScheme]);

  useEffect(() => {
    window.current = { start, end };
    plot.current?.setData(series(samples));
  }, [samples, start, end, point, zone, colorScheme]);

  return <div ref={box} role="img" aria-label={t("point.history.of", { point: point.name })} style={{ minHeight: 250 }} />;
}
