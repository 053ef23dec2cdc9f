import { useCallback, useMemo, useRef, useState } from "react";

import { Clock } from "./clock";
import { seekRecorded } from "./recordings";
import { neighbour, type Span } from "./timeline";
import type { Controls } from "./Transport";
import { useClock } from "./useClock";

interface Wishes {
  /** What a timeline shows of the cameras together. */
  recordings: readonly Span[];
  recorded: boolean;
  now: number;
  /** Live, from where it is paused or gone back. */
  seek: (ms: number) => void;
  step: (way: 1 | -1) => void;
}

/** A clock for recordings, standing until somebody plays. */
export function usePlayerClock(at: number, runs: boolean): Clock {
  const [clock] = useState(() => {
    const made = new Clock(at, performance.now());
    made.pause(!runs, performance.now());
    return made;
  });
  return clock;
}

/** What buttons and keys do to a clock. */
export function useControls(clock: Clock, { recordings, recorded, now, seek, step }: Wishes): Controls {
  const { at, paused, speed } = useClock(clock);
  const shown = recorded ? at : now;
  return useMemo(() => {
    return {
      at: shown,
      standing: paused || !recorded,
      recorded,
      speed,
      seek,
      frame: step,
      toggle: () => {
        if (recorded) clock.pause(!clock.paused, performance.now());
        else seek(Date.now() - 10_000);
      },
      setSpeed: (wanted: number) => {
        clock.setSpeed(wanted, performance.now());
        clock.pause(false, performance.now());
      },
      recording: (way: 1 | -1) => {
        const found = neighbour(recordings, shown, way);
        return found === null ? null : () => seek(found);
      },
    };
  }, [shown, paused, speed, recorded, recordings, clock, seek, step]);
}

/** Where the known recordings end: looks for more, goes there, or calls `onEnd`. */
export function useEnd(clock: Clock, cameras: readonly string[], onEnd: () => void): () => void {
  const looking = useRef(false);
  return useCallback(() => {
    if (looking.current) return;
    looking.current = true;
    const { jumps } = clock;
    const at = clock.at(performance.now());
    void seekRecorded(cameras, at, clock.speed < 0)
      .catch(() => null)
      .then((found) => {
        if (clock.jumps !== jumps) return;
        if (found === null) onEnd();
        else clock.seek(found, performance.now());
      })
      .finally(() => {
        looking.current = false;
      });
  }, [clock, cameras, onEnd]);
}
