import { keepPreviousData, useQuery, type UseQueryResult } from "@tanstack/react-query";

import { api, take } from "../api/client";
import { PAGE } from "../api/hooks";
import type { StoredEvent } from "../api/types";
import type { Span } from "./range";

/** Pages that are read for one picture; what is older is not counted, and the page says so. */
const PAGES = 5;
export const MOST_EVENTS = PAGES * PAGE;

export interface SpanEvents {
  items: StoredEvent[];
  /** True where there are more in this time. */
  more: boolean;
}

/** All events of an entity in a span (ms), newest first. */
export function useSpanEvents(entity: string, span: Span): UseQueryResult<SpanEvents> {
  const start = Math.max(0, Math.floor(span.start * 1000));
  const end = Math.ceil(span.end * 1000);
  return useQuery({
    queryKey: ["events", "span", entity, start, end],
    queryFn: async ({ signal }): Promise<SpanEvents> => {
      const items: StoredEvent[] = [];
      let before: number | undefined;
      for (let page = 0; page < PAGES; page++) {
        const query = { entity, start, end, limit: PAGE, before };
        const found = await take(api.GET("/api/v1/events", { params: { query }, signal }));
        items.push(...found.items);
        if (found.next === null) return { items, more: false };
        before = found.next;
      }
      return { items, more: true };
    },
    placeholderData: keepPreviousData,
    staleTime: 5000,
    refetchInterval: 10_000,
  });
}
