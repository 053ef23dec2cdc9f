import { isFault, type Gap, type Held, type Span } from "./timeline";
import styles from "./Timeline.module.css";

interface Props {
  window: Span;
  recordings: readonly Span[];
  gaps: readonly Gap[];
  held: readonly Held[];
  /** What came from the camera's own recording, later. */
  filled?: readonly Span[];
  /** Where the picture is, ms. */
  head: number;
  now: number;
}

/** Percent of a window's length at which a moment lies, held to its ends. */
export function place(window: Span, ms: number): number {
  return Math.min(100, Math.max(0, ((ms - window.start) / (window.end - window.start)) * 100));
}

export const within = (window: Span, span: { start: number; end: number }): boolean =>
  span.end > window.start && span.start < window.end;

/** Where a span stands in a window. */
export function extent(window: Span, span: { start: number; end: number }): { left: string; width: string } {
  const left = place(window, span.start);
  return { left: `${left}%`, width: `max(2px, ${place(window, span.end) - left}%)` };
}

/** What is recorded of a camera, and why not where it is not; what is held; and where the picture is. */
export function Bars({ window, recordings, gaps, held, filled = [], head, now }: Props) {
  const inside = (span: { start: number; end: number }): boolean => within(window, span);
  return (
    <>
      {recordings.filter(inside).map((span) => (
        <div key={span.start} className={styles.span} style={extent(window, span)} />
      ))}
      {gaps.filter(inside).map((one) => (
        <div
          key={one.start}
          className={styles.gap}
          data-reason={one.reason}
          data-fault={isFault(one)}
          style={extent(window, one)}
        />
      ))}
      {filled.filter(inside).map((one) => (
        <div key={`filled ${one.start}`} className={styles.filled} style={extent(window, one)} />
      ))}
      {held.filter(inside).map((one) => (
        <div key={`${one.start} ${one.end}`} className={styles.held} style={extent(window, one)} />
      ))}
      {now < window.end ? <div className={styles.future} style={{ left: `${place(window, now)}%` }} /> : null}
      {head >= window.start && head <= window.end ? (
        <div className={styles.head} style={{ left: `${place(window, head)}%` }} />
      ) : null}
    </>
  );
}
