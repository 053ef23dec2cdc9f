import { useInfiniteQuery } from "@tanstack/react-query";
import { useCallback, useMemo } from "react";

import { api, take } from "../../api/client";
import type { EventPage, StoredEvent } from "../../api/types";
import { toAddress, toQuery, type LogFilter } from "./filter";

const PAGE = 200;
/** Pages of 200 that are fetched by scrolling; beyond, a filter is the better way. */
const MAX_PAGES = 25;

interface From {
  before?: number;
  after?: number;
}

interface Sheet extends EventPage {
  from: From;
}

/** The number of the newest event up to a moment, or 0. */
async function newestUntil(us: number, signal: AbortSignal): Promise<number> {
  const page = await take(api.GET("/api/v1/events", { params: { query: { end: us + 1, limit: 1 } }, signal }));
  return page.items[0]?.seq ?? 0;
}

/**
 * The stored log under a filter, newest first, page by page backwards; `head` is where a live tail goes on. With `at` (a moment
 * in microseconds) it begins there, and goes both ways.
 */
export function useLog(filter: LogFilter, at: number | null) {
  const query = useInfiniteQuery({
    queryKey: ["log", toAddress(filter).toString(), at],
    queryFn: async ({ pageParam, signal }): Promise<Sheet> => {
      const from: From = pageParam ?? (at === null ? {} : { before: (await newestUntil(at, signal)) + 1 });
      const page = await take(
        api.GET("/api/v1/events", { params: { query: { limit: PAGE, ...from, ...toQuery(filter) } }, signal }),
      );
      return { ...page, from };
    },
    initialPageParam: null as From | null,
    getNextPageParam: (page: Sheet, pages: Sheet[]): From | null => {
      const oldest = pages.findLast((one) => one.from.after === undefined) ?? page;
      return oldest.next === null || pages.length >= MAX_PAGES ? null : { before: oldest.next };
    },
    getPreviousPageParam: (page: Sheet): From | null => {
      if (page.from.after !== undefined) return page.next === null ? null : { after: page.next };
      return at === null || page.from.before === undefined ? null : { after: page.from.before - 1 };
    },
    staleTime: Infinity,
    gcTime: 0,
    refetchOnWindowFocus: false,
  });
  const events = useMemo<StoredEvent[]>(
    () => (query.data?.pages ?? []).flatMap((page) => page.items).sort((a, b) => b.seq - a.seq),
    [query.data],
  );
  const { fetchNextPage, hasNextPage, fetchPreviousPage, hasPreviousPage, isFetching } = query;
  const more = useCallback(() => {
    if (hasNextPage && !isFetching) void fetchNextPage();
  }, [fetchNextPage, hasNextPage, isFetching]);
  const newer = useCallback(() => {
    if (hasPreviousPage && !isFetching) void fetchPreviousPage();
  }, [fetchPreviousPage, hasPreviousPage, isFetching]);
  const last = query.data?.pages.findLast((one) => one.from.after === undefined);
  return {
    query,
    events,
    head: query.data ? (events[0]?.seq ?? 0) : null,
    more,
    newer,
    /** Where the server stopped for want of time, in microseconds; null where it looked at all that it was asked for. */
    searched: last && last.next !== null ? (last.searched ?? null) : null,
    error: query.isFetchNextPageError || query.isFetchPreviousPageError ? query.error : null,
  };
}
