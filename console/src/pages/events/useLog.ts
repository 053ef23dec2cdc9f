import { useInfiniteQuery } from "@tanstack/react-query";
import { useCallback, useMemo } from "react";

import { api, take } from "../../api/client";
import type { StoredEvent } from "../../api/types";

export interface LogFilter {
  types: readonly string[];
  entity: string;
  severity: number;
  q: string;
}

const PAGE = 200;
/** Pages of 200 that are fetched by scrolling; beyond, a filter is the better way. */
const MAX_PAGES = 25;

/** The stored log under a filter, newest first, page by page backwards; `head` is where a live tail goes on. */
export function useLog(filter: LogFilter) {
  const { types, entity, severity, q } = filter;
  const query = useInfiniteQuery({
    queryKey: ["log", types.join(), entity, severity, q],
    queryFn: ({ pageParam, signal }) =>
      take(
        api.GET("/api/v1/events", {
          params: {
            query: {
              limit: PAGE,
              before: pageParam ?? undefined,
              type: types.length > 0 ? [...types] : undefined,
              entity: entity || undefined,
              severity: severity || undefined,
              q: q || undefined,
            },
          },
          signal,
        }),
      ),
    initialPageParam: null as number | null,
    getNextPageParam: (page, pages) =>
      page.items.length < PAGE || pages.length >= MAX_PAGES ? null : Math.min(...page.items.map((item) => item.seq)),
    staleTime: Infinity,
    gcTime: 0,
    refetchOnWindowFocus: false,
  });
  const events = useMemo<StoredEvent[]>(
    () => (query.data?.pages ?? []).flatMap((page) => page.items).sort((a, b) => b.seq - a.seq),
    [query.data],
  );
  const { fetchNextPage, hasNextPage, isFetching } = query;
  const more = useCallback(() => {
    if (hasNextPage && !isFetching) void fetchNextPage();
  }, [fetchNextPage, hasNextPage, isFetching]);
  return {
    query,
    events,
    head: query.data ? (events[0]?.seq ?? 0) : null,
    more,
    error: query.isFetchNextPageError ? query.error : null,
  };
}
