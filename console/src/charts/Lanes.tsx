import { useState, type CSSProperties } from "react";

import { useZone } from "../app/session";
import type { StoredEvent } from "../api/types";
import { EventDetail } from "../parts/EventDetail";
import { Mark } from "../parts/Mark";
import { asSeverity, SEVERITIES } from "../site/severity";
import { t, word } from "../text/t";
import { useNow } from "../time/ticker";
import { stamp } from "../time/zone";
import styles from "./Chart.module.css";
import { clustered, type Bar, type Cluster } from "./marks";
import type { Band, Lane } from "./model";
import { AXIS } from "./plot";
import type { Span } from "./range";

export interface Margins {
  left: number;
  right: number;
}

/** Margins that bring what is under a plot under its time axis. */
const inset = ({ left, right }: Margins): CSSProperties => ({
  marginLeft: left * AXIS,
  marginRight: right * AXIS || 8,
});

const place = (at: number, span: Span): number => ((at - span.start) / (span.end - span.start)) * 100;

function box(band: Span, span: Span): CSSProperties {
  const left = Math.max(0, place(band.start, span));
  return { left: `${left}%`, width: `${Math.min(100, place(band.end, span)) - left}%` };
}

const within = (band: Span, span: Span): boolean => band.end > span.start && band.start < span.end;

/** States over time, a band for each. */
export function Lanes({ lanes, span, margins }: { lanes: readonly Lane[]; span: Span; margins: Margins }) {
  const zone = useZone();
  const now = useNow();
  const said = (band: Band): string =>
    t("chart.band", {
      what: band.text || word("band", band.kind),
      from: stamp(Math.max(band.start, span.start), zone, now),
      to: stamp(Math.min(band.end, span.end), zone, now),
    });
  return (
    <div className={styles.lanes} style={inset(margins)}>
      {lanes.map((lane) => {
        const shown = lane.bands.filter((band) => within(band, span));
        return (
          <div key={lane.id} className={styles.lane}>
            <span className={styles.laneName}>{lane.name}</span>
            <div className={styles.track} role="img" aria-label={t("chart.lane", { name: lane.name, n: shown.length })}>
              {shown.map((band, n) => (
                <span key={n} className={styles.band} data-kind={band.kind} style={box(band, span)} title={said(band)}>
                  {place(band.end, span) - place(band.start, span) > 6 ? band.text : null}
                </span>
              ))}
            </div>
          </div>
        );
      })}
    </div>
  );
}

interface MarksProps {
  events: readonly StoredEvent[];
  span: Span;
  margins: Margins;
  onSpan: (span: Span) => void;
}

/** Events over time; those that lie too close are one mark, which opens its time. */
export function Marks({ events, span, margins, onSpan }: MarksProps) {
  const zone = useZone();
  const now = useNow();
  const [open, setOpen] = useState<StoredEvent | null>(null);
  const said = (one: Cluster): string => {
    const severity = word("severity", SEVERITIES[asSeverity(one.severity)]);
    const when = stamp(one.start, zone, now);
    return one.events.length === 1
      ? t("chart.mark", { when, severity, text: one.events[0]?.event.text ?? "" })
      : t("chart.marks", { when, severity, n: one.events.length });
  };
  return (
    <div style={inset(margins)}>
      <div className={styles.marks} role="group" aria-label={t("chart.events")}>
        {clustered(events, span).map((one) => (
          <button
            key={one.start}
            type="button"
            className={styles.mark}
            style={{ left: `${place((one.start + one.end) / 2, span)}%` }}
            title={said(one)}
            aria-label={said(one)}
            onClick={() => {
              const [only] = one.events;
              const close = one.end - one.start < (span.end - span.start) / 1000;
              if (only && (one.events.length === 1 || close)) setOpen(only);
              else onSpan({ start: one.start - (one.end - one.start), end: one.end + (one.end - one.start) });
            }}
          >
            <Mark severity={asSeverity(one.severity)} />
          </button>
        ))}
      </div>
      <EventDetail stored={open} onClose={() => setOpen(null)} />
    </div>
  );
}

interface CountsProps {
  name: string;
  bars: readonly Bar[];
  severity: number;
  span: Span;
  margins: Margins;
}

/** How often something happened, bar by bar. */
export function Counts({ name, bars, severity, span, margins }: CountsProps) {
  const zone = useZone();
  const now = useNow();
  const most = Math.max(1, ...bars.map((one) => one.count));
  const said = t("chart.counts", { name, n: bars.reduce((sum, one) => sum + one.count, 0) });
  return (
    <div className={styles.lane} style={inset(margins)}>
      <span className={styles.laneName}>{said}</span>
      <div className={styles.bars} role="img" aria-label={said}>
        {bars
          .filter((one) => within(one, span))
          .map((one) => (
            <span
              key={one.start}
              className={styles.bar}
              data-severity={severity}
              style={{ ...box(one, span), height: `${(one.count / most) * 100}%` }}
              title={t("chart.bar", { n: one.count, when: stamp(one.start, zone, now) })}
            />
          ))}
      </div>
    </div>
  );
}
