import { useQueries, type UseQueryResult } from "@tanstack/react-query";
import { useMemo } from "react";

import { api, take } from "../../api/client";
import { useAll } from "../../api/hooks";
import type { Bookmark, Door, StoredEvent } from "../../api/types";
import { useCan } from "../../app/session";
import type { Span } from "../../player/timeline";
import { bookmarksOf, marksOf, TYPES, type LaneMark } from "./marks";

/** Events of one camera in one window; what there is beyond is not shown. */
const MOST = 1000;

const lists = <T>(results: UseQueryResult<T[]>[]): T[][] => results.map((result) => result.data ?? []);

/** Motion, events and bookmarks of each camera around a window, in order of time. */
export function useMarks(cameras: readonly string[], window: Span): LaneMark[][] {
  const can = useCan();
  const doors = useAll<Door>("door");
  const unit = Math.max(60_000, window.end - window.start);
  const start = Math.floor(window.start / unit) * unit;
  const end = Math.ceil(window.end / unit) * unit;
  const asked = cameras.flatMap((camera) => [
    { camera, ref: `camera:${camera}` },
    ...(doors.data ?? []).filter((door) => door.camera === camera).map((door) => ({ camera, ref: `door:${door.id}` })),
  ]);
  const events = useQueries({
    queries: asked.map(({ ref }) => ({
      queryKey: ["marks", ref, start, end],
      queryFn: ({ signal }: { signal: AbortSignal }) =>
        take(
          api.GET("/api/v1/events", {
            params: { query: { entity: ref, type: TYPES, start: start * 1000, end: end * 1000, limit: MOST } },
            signal,
          }),
        ).then((page): StoredEvent[] => page.items),
      refetchInterval: 15_000,
      enabled: can("event.read"),
    })),
    combine: lists,
  });
  const kept = useQueries({
    queries: cameras.map((camera) => ({
      queryKey: ["list", "bookmark", { camera }],
      queryFn: ({ signal }: { signal: AbortSignal }) =>
        take(api.GET("/api/v1/bookmarks", { params: { query: { camera, sort: "-time", limit: MOST } }, signal })).then(
          (page): Bookmark[] => page.items,
        ),
      enabled: can("bookmark.list"),
    })),
    combine: lists,
  });
  const owners = asked.map((one) => one.camera).join();
  return useMemo(() => {
    const of = owners.split(",");
    return cameras.map((camera, n) => {
      const mine = events.filter((_, at) => of[at] === camera).flat();
      return [...marksOf(camera, mine), ...bookmarksOf(kept[n] ?? [])].sort((one, other) => one.start - other.start);
    });
  }, [cameras, events, kept, owners]);
}
