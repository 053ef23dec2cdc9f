/** What stands on a camera's lane beside its recordings: motion, events, bookmarks. Pure; ms since 1970 UTC. */
import type { Bookmark, StoredEvent } from "../../api/types";
import type { Severity } from "../../site/severity";

export interface LaneMark {
  key: string;
  kind: "motion" | "event" | "bookmark";
  camera: string;
  start: number;
  /** As `start` for a moment. */
  end: number;
  severity: Severity;
  text: string;
  /** Of a bookmark. */
  id?: string;
}

/** The events that a lane shows: what a camera saw, what happened at its doors, and what became of its recording. */
export const TYPES = [
  "camera.motion",
  "camera.motion-ended",
  "camera.tamper",
  "camera.input",
  "camera.relay",
  "access.*",
  "door.*",
];
/** Motion whose end is not in the log is shown for so long, ms. */
const MOTION_MS = 10_000;

function severity(value: number): Severity {
  return value >= 3 ? 3 : value === 2 ? 2 : value === 1 ? 1 : 0;
}

/** Events of one camera and its doors, newest first as the log gives them, as marks in order of time; motion from its begin to its end. */
export function marksOf(camera: string, events: readonly StoredEvent[]): LaneMark[] {
  const found: LaneMark[] = [];
  let motion: LaneMark | null = null;
  for (const { seq, event } of events.toSorted((one, other) => one.event.time - other.event.time)) {
    const start = event.time / 1000;
    if (event.type === "camera.motion-ended") {
      if (motion) motion.end = start;
      motion = null;
      continue;
    }
    const kind = event.type === "camera.motion" ? "motion" : "event";
    const mark: LaneMark = {
      key: `${camera} ${seq}`,
      kind,
      camera,
      start,
      end: kind === "motion" ? start + MOTION_MS : start,
      severity: severity(event.severity ?? 0),
      text: event.text ?? "",
    };
    if (kind === "motion") motion = mark;
    found.push(mark);
  }
  return found;
}

export function bookmarksOf(bookmarks: readonly Bookmark[]): LaneMark[] {
  return bookmarks.map((one) => ({
    key: `bookmark ${one.id}`,
    kind: "bookmark",
    camera: one.camera,
    start: one.time / 1000,
    end: Math.max(one.time, one.end) / 1000,
    severity: 0,
    text: one.name,
    id: one.id,
  }));
}

/** The mark that begins next after a moment (`way` 1) or before it, in whatever order they come; null where there is none. */
export function neighbourMark(marks: readonly LaneMark[], at: number, way: 1 | -1): LaneMark | null {
  let found: LaneMark | null = null;
  for (const mark of marks) {
    // What was jumped to a moment ago is not what lies before.
    const beyond = way === 1 ? mark.start > at + 200 : mark.start < at - 1500;
    if (beyond && (!found || (way === 1 ? mark.start < found.start : mark.start > found.start))) found = mark;
  }
  return found;
}
