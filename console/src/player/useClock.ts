import { useEffect, useRef, useState } from "react";

import type { Clock } from "./clock";
import { nextRecorded, spanAt } from "./pieces";
import { gapAt, type Gap, type Span } from "./timeline";

/** Who chose a moment this near to a recording wanted the recording, ms. */
const NEAR = 2000;

export interface Moment {
  at: number;
  paused: boolean;
  speed: number;
}

const look = (clock: Clock): Moment => ({ at: clock.at(performance.now()), paused: clock.paused, speed: clock.speed });

/** The clock's moment, four times a second while it runs and at once after each change. */
export function useClock(clock: Clock): Moment {
  const [seen, setSeen] = useState(() => look(clock));
  useEffect(() => {
    const again = (): void => setSeen(look(clock));
    const timer = setInterval(() => {
      if (!clock.paused) again();
    }, 250);
    const leave = clock.subscribe(again);
    return () => {
      clearInterval(timer);
      leave();
    };
  }, [clock]);
  return seen;
}

/** What is known of the cameras that a clock plays. */
interface Played {
  /** Recordings of each; null until they are known. */
  lanes: readonly (readonly Span[] | null)[];
  known: readonly ({ gaps: readonly Gap[] } | null)[];
  /** The clock's first moment was asked for. */
  asked: boolean;
}

/**
 * Takes the clock over what no camera recorded, and tells when nothing comes any more. Who chooses a moment in a gap is left there,
 * so that its reason can be read; playing goes on at the next recording.
 */
export function useSkip(clock: Clock, { lanes, known, asked }: Played, onEnd: () => void): void {
  const jumps = useRef(asked ? -1 : 0);
  useEffect(() => {
    const skip = (): void => {
      const now = performance.now();
      if (clock.paused || lanes.length === 0) return;
      const there = lanes.filter((spans) => spans !== null);
      if (there.length < lanes.length) return;
      const at = clock.at(now);
      const backward = clock.speed < 0;
      const jumped = clock.jumps !== jumps.current;
      jumps.current = clock.jumps;
      if (there.some((spans) => spanAt(spans, at, backward))) return;
      const next = nextRecorded(there, at, backward);
      const far = next === null || Math.abs(next - at) > NEAR;
      if (jumped && far && known.every((one) => one && gapAt(one.gaps, at))) {
        clock.pause(true, now);
        return;
      }
      if (next === null) onEnd();
      else clock.seek(next, now);
    };
    const timer = setInterval(skip, 200);
    return () => clearInterval(timer);
  }, [clock, lanes, known, onEnd]);
}
