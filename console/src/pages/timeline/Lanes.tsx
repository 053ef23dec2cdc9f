import { useRef, useState } from "react";

import { useZone } from "../../app/session";
import { Mark } from "../../parts/Mark";
import { Bars, extent, place, within } from "../../player/Bars";
import type { Known } from "../../player/recordings";
import { Scrub } from "../../player/Scrub";
import { gapAt, scrubbed, ticks, type Span } from "../../player/timeline";
import bars from "../../player/Timeline.module.css";
import { t, word } from "../../text/t";
import { clock, day, stamp } from "../../time/zone";
import styles from "./Lanes.module.css";
import type { LaneMark } from "./marks";

export interface Lane {
  camera: string;
  name: string;
  known: Known | null;
  marks: readonly LaneMark[];
}

interface Props {
  lanes: readonly Lane[];
  window: Span;
  at: number;
  now: number;
  onSeek: (ms: number) => void;
  /** Zooms by a factor around a moment. */
  onZoom: (factor: number, around: number) => void;
}

/** Seconds of the window that one pixel may stand for so that single events are told apart; beyond it the marks are thinned. */
const THIN = 400;

function Marks({ window, marks }: { window: Span; marks: readonly LaneMark[] }) {
  const shown = marks.filter((mark) => within(window, { start: mark.start, end: mark.end + 1 }));
  const step = Math.max(1, Math.ceil(shown.length / THIN));
  return shown.map((mark, n) => {
    if (mark.kind === "motion") return <div key={mark.key} className={styles.motion} style={extent(window, mark)} />;
    // Alarms and bookmarks are never left out.
    if (mark.kind === "event" && mark.severity < 2 && n % step !== 0) return null;
    const left = `${place(window, mark.start)}%`;
    if (mark.kind === "bookmark")
      return <div key={mark.key} className={styles.bookmark} style={{ left }} title={mark.text} data-bookmark={mark.id} />;
    if (mark.severity < 2) return <div key={mark.key} className={styles.event} style={{ left }} title={mark.text} />;
    return (
      <div key={mark.key} className={styles.alarm} style={{ left }} title={mark.text} data-severity={mark.severity}>
        <Mark severity={mark.severity} label={mark.text} />
      </div>
    );
  });
}

/** Recordings, gaps, events and bookmarks of several cameras along one time. */
export function Lanes({ lanes, window, at, now, onSeek, onZoom }: Props) {
  const zone = useZone();
  const area = useRef<HTMLDivElement>(null);
  const [pointed, setPointed] = useState<{ ms: number; lane: number } | null>(null);
  const length = window.end - window.start;
  const momentAt = (clientX: number): number => {
    const box = area.current?.getBoundingClientRect();
    return box ? window.start + ((clientX - box.left) / box.width) * length : window.start;
  };
  const laneAt = (clientY: number): number => {
    const box = area.current?.getBoundingClientRect();
    return box ? Math.floor(((clientY - box.top) / box.height) * lanes.length) : 0;
  };
  const press = (event: React.KeyboardEvent): void => {
    const step = event.shiftKey ? length / 10 : length / 100;
    if (event.key === "ArrowLeft") onSeek(at - step);
    else if (event.key === "ArrowRight") onSeek(at + step);
    else if (event.key === "+") onZoom(0.5, at);
    else if (event.key === "-") onZoom(2, at);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const lane = pointed ? lanes[pointed.lane] : undefined;
  const pictured = pointed && lane?.known ? scrubbed(pointed.ms, window, lane.known.recordings) : null;
  const why = lanes.map(({ name, known }) => {
    const gap = gapAt(known?.gaps ?? [], pointed?.ms ?? at);
    return gap ? `${name}: ${word("gap", gap.reason)}${gap.detail ? ` (${gap.detail})` : ""}` : null;
  });
  return (
    <div className={styles.outer}>
      <div className={styles.names}>
        {lanes.map((one) => (
          <div key={one.camera} className={`${styles.name ?? ""} cut`} title={one.name}>
            {one.name}
          </div>
        ))}
      </div>
      <div className={styles.side}>
        {pictured !== null && lane ? <Scrub camera={lane.camera} at={pictured} left={place(window, pictured)} /> : null}
        <div
          ref={area}
          className={styles.area}
          role="slider"
          tabIndex={0}
          aria-label={t("timeline.page.lanes")}
          aria-valuemin={Math.round(window.start / 1000)}
          aria-valuemax={Math.round(window.end / 1000)}
          aria-valuenow={Math.round(at / 1000)}
          aria-valuetext={stamp(at, zone, now)}
          onMouseMove={(event) => setPointed({ ms: momentAt(event.clientX), lane: laneAt(event.clientY) })}
          onMouseLeave={() => setPointed(null)}
          onClick={(event) => onSeek(momentAt(event.clientX))}
          onWheel={(event) => onZoom(event.deltaY > 0 ? 1.25 : 0.8, momentAt(event.clientX))}
          onKeyDown={press}
        >
          {lanes.map((one) => (
            <div key={one.camera} className={`${bars.bar ?? ""} ${styles.lane ?? ""}`} data-camera={one.camera}>
              <Bars
                window={window}
                recordings={one.known?.recordings ?? []}
                gaps={one.known?.gaps ?? []}
                held={one.known?.held ?? []}
                filled={one.known?.filled}
                head={at}
                now={now}
              />
              <Marks window={window} marks={one.marks} />
            </div>
          ))}
        </div>
        <div className={bars.marks} aria-hidden>
          {ticks(window, zone, 8).map((ms) => (
            <span key={ms} style={{ left: `${place(window, ms)}%` }}>
              {clock(ms, zone, length < 300_000)}
            </span>
          ))}
        </div>
        <div className={bars.ends}>
          <span>{day(window.start, zone)}</span>
          <span aria-live="polite">
            {pointed ? `${clock(pointed.ms, zone, true)} ` : ""}
            {why.filter((one) => one !== null).join(" · ")}
          </span>
          <span>{day(window.end, zone)}</span>
        </div>
      </div>
    </div>
  );
}
