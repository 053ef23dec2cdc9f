/** What is recorded of one or several cameras around what is looked at. */
import { useQueries, type UseQueryResult } from "@tanstack/react-query";
import { useMemo } from "react";

import { api, take } from "../api/client";
import { nextRecorded } from "./pieces";
import { join, type Gap, type Held, type Span } from "./timeline";

export interface Known {
  camera: string;
  recordings: Span[];
  gaps: Gap[];
  held: Held[];
  /** What came from the camera's own recording, later. */
  filled: Span[];
  /** What was asked for; outside of it nothing is known. */
  start: number;
  end: number;
}

async function ask(camera: string, start: number, end: number, signal?: AbortSignal): Promise<Known> {
  const list = await take(
    api.GET("/api/v1/cameras/{id}/recordings", {
      params: { path: { id: camera }, query: { start: Math.round(start * 1000), end: Math.round(end * 1000) } },
      signal,
    }),
  );
  return {
    camera,
    start,
    end,
    recordings: join(list.items.map((one) => ({ start: one.start / 1000, end: one.end / 1000, codec: one.codec }))),
    gaps: list.gaps.map(({ start: from, end: to, reason, detail }) => ({
      start: from / 1000,
      end: to / 1000,
      reason,
      detail,
    })),
    held: list.locks.map((one) => ({ start: one.start / 1000, end: one.end / 1000, reason: one.reason })),
    filled: list.filled.map((one) => ({ start: one.start / 1000, end: one.end / 1000 })),
  };
}

const gather = (results: UseQueryResult<Known>[]) => ({
  known: results.map((result) => result.data ?? null),
  error: results.find((result) => result.error)?.error ?? null,
});

/** What is known of each camera, in their order; null until it is. `error` is the first failure. */
export function useRecordings(cameras: readonly string[], window: Span): { known: (Known | null)[]; error: unknown } {
  // Asked for in whole windows either side, so that scrolling and the passing of time do not ask at each step.
  const unit = Math.max(60_000, window.end - window.start);
  const start = Math.floor((window.start - unit / 2) / unit) * unit;
  const end = Math.ceil((window.end + unit / 2) / unit) * unit;
  return useQueries({
    queries: cameras.map((camera) => ({
      queryKey: ["recordings", camera, start, end],
      queryFn: ({ signal }: { signal: AbortSignal }) => ask(camera, start, end, signal),
      refetchInterval: 10_000,
      // What was known of another window stands until this one is; of another camera it would be wrong.
      placeholderData: (held: Known | undefined) => (held?.camera === camera ? held : undefined),
    })),
    combine: gather,
  });
}

/** The recordings of each camera as far as they are known at `at`; null where they are not, whose player waits. */
export function useLanes(known: readonly (Known | null)[], at: number): (Span[] | null)[] {
  const covered = known.map((one) => one !== null && one.start <= at && at <= one.end).join();
  return useMemo(
    () => known.map((one, n) => (covered.split(",")[n] === "true" ? (one?.recordings ?? null) : null)),
    [known, covered],
  );
}

const DAY = 86_400_000;

/** The next moment after (or before) `at` that any of the cameras has recorded, looked for in longer and longer spans. */
export async function seekRecorded(cameras: readonly string[], at: number, backward: boolean): Promise<number | null> {
  for (const days of [1, 30, 390]) {
    const end = backward ? at : Math.min(at + days * DAY, Date.now());
    const start = backward ? at - days * DAY : at;
    if (end <= start) return null;
    const lists = await Promise.all(cameras.map((camera) => ask(camera, Math.max(0, start), end)));
    const found = nextRecorded(
      lists.map((list) => list.recordings),
      at,
      backward,
    );
    if (found !== null) return found;
  }
  return null;
}
