import { useRef, useState } from "react";

import { useZone } from "../app/session";
import { t, word } from "../text/t";
import { clock, day, stamp } from "../time/zone";
import { Bars, place as placed, within } from "./Bars";
import { Scrub } from "./Scrub";
import { gapAt, scrubbed, ticks, type Gap, type Held, type Span } from "./timeline";
import styles from "./Timeline.module.css";

interface Props {
  window: Span;
  recordings: readonly Span[];
  gaps?: readonly Gap[];
  held?: readonly Held[];
  /** What came from the camera's own recording, later. */
  filled?: readonly Span[];
  /** Whose pictures are shown where it is pointed at. */
  camera: string;
  /** Where the picture is, ms; null while it is live. */
  at: number | null;
  now: number;
  onSeek: (ms: number) => void;
  /** Zooms by a factor around a moment. */
  onZoom: (factor: number, around: number) => void;
}

/** Recordings along the site's wall time: bars where there is video, and why where there is none. */
export function Timeline({ window, recordings, gaps = [], held = [], filled = [], camera, at, now, onSeek, onZoom }: Props) {
  const zone = useZone();
  const bar = useRef<HTMLDivElement>(null);
  const [pointed, setPointed] = useState<number | null>(null);
  const length = window.end - window.start;
  const place = (ms: number): number => placed(window, ms);
  const momentAt = (clientX: number): number => {
    const box = bar.current?.getBoundingClientRect();
    return box ? window.start + ((clientX - box.left) / box.width) * length : window.start;
  };
  const shown = recordings.filter((span) => within(window, span));
  const head = at ?? now;
  const why = (gap: Gap): string => {
    const reason = word("gap", gap.reason) + (gap.detail ? `: ${gap.detail}` : "");
    return `${clock(gap.start, zone, true)}–${clock(gap.end, zone, true)} ${reason}`;
  };
  const asked = pointed ?? at;
  const gap = asked === null ? null : gapAt(gaps, asked);
  const locked = asked === null ? undefined : held.find((one) => one.start <= asked && asked < one.end);
  const fetched = asked !== null && filled.some((one) => one.start <= asked && asked < one.end);
  const pictured = pointed === null ? null : scrubbed(pointed, window, recordings);
  const marks = ticks(window, zone, 8);

  const press = (event: React.KeyboardEvent): void => {
    const step = event.shiftKey ? length / 10 : length / 100;
    if (event.key === "ArrowLeft") onSeek(head - step);
    else if (event.key === "ArrowRight") onSeek(head + step);
    else if (event.key === "+") onZoom(0.5, head);
    else if (event.key === "-") onZoom(2, head);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <div className={styles.outer}>
      {pictured === null ? null : <Scrub camera={camera} at={pictured} left={place(pictured)} />}
      <div
        ref={bar}
        className={styles.bar}
        role="slider"
        tabIndex={0}
        aria-label={t("timeline.label")}
        aria-valuemin={Math.round(window.start / 1000)}
        aria-valuemax={Math.round(window.end / 1000)}
        aria-valuenow={Math.round(head / 1000)}
        aria-valuetext={at === null ? t("video.live") : stamp(at, zone, now) + (gap ? `, ${why(gap)}` : "")}
        onMouseMove={(event) => setPointed(momentAt(event.clientX))}
        onMouseLeave={() => setPointed(null)}
        onClick={(event) => onSeek(momentAt(event.clientX))}
        onWheel={(event) => onZoom(event.deltaY > 0 ? 1.25 : 0.8, momentAt(event.clientX))}
        onKeyDown={press}
      >
        <Bars window={window} recordings={recordings} gaps={gaps} held={held} filled={filled} head={head} now={now} />
      </div>
      <div className={styles.marks} aria-hidden>
        {marks.map((ms) => (
          <span key={ms} style={{ left: `${place(ms)}%` }}>
            {clock(ms, zone, length < 300_000)}
          </span>
        ))}
      </div>
      <div className={styles.ends}>
        <span>{day(window.start, zone)}</span>
        <span aria-live="polite">
          {gap
            ? why(gap)
            : locked
              ? t("timeline.locked", { reason: locked.reason })
              : fetched
                ? t("timeline.filled")
                : shown.length === 0
                  ? t("timeline.none")
                  : t("timeline.count", { n: shown.length })}
        </span>
        <span>{day(window.end, zone)}</span>
      </div>
    </div>
  );
}
