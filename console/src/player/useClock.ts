import { useEffect, useState } from "react";

import type { Clock } from "./clock";
import { nextRecorded, spanAt } from "./pieces";
import type { Span } from "./timeline";

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

/** Takes the clock over what no camera recorded, and tells when nothing comes any more. Lanes are null until they are known. */
export function useSkip(clock: Clock, lanes: readonly (readonly Span[] | null)[], onEnd: () => void): void {
  useEffect(() => {
    const skip = (): void => {
      const now = performance.now();
      if (clock.paused || lanes.length === 0) return;
      const known = lanes.filter((spans) => spans !== null);
      if (known.length < lanes.length) return;
      const at = clock.at(now);
      const backward = clock.speed < 0;
      if (known.some((spans) => spanAt(spans, at, backward))) return;
      const next = nextRecorded(known, at, backward);
      if (next === null) onEnd();
      else clock.seek(next, now);
    };
    const timer = setInterval(skip, 200);
    return () => clearInterval(timer);
  }, [clock, lanes, onEnd]);
}
