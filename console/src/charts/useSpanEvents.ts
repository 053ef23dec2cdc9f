import { keepPreviousData, useQuery, type UseQueryResult } from "@tanstack/react-query";

import { api, take } from "../api/client";
import { PAGE, type EventQuery } from "../api/hooks";
import type { EventCounts, StoredEvent } from "../api/types";
import type { Span } from "./range";

/** Pages that are read for one picture; what is older is not counted, and the page says so. */
const PAGES = 5;
export const MOST_EVENTS = PAGES * PAGE;

export interface SpanEvents {
  items: StoredEvent[];
  /** True where there are more in this time. */
  more: boolean;
}

const NO_LIMITS: Pick<EventQuery, "type" | "severity"> = {};

/** A span in ms as the server has it. */
const asked = (span: Span) => ({ start: Math.max(0, Math.floor(span.start * 1000)), end: Math.ceil(span.end * 1000) });

/** All events of an entity in a span (ms), or those of some types or severity, newest first. */
export function useSpanEvents(entity: string, span: Span, limits = NO_LIMITS): UseQueryResult<SpanEvents> {
  const { start, end } = asked(span);
  return useQuery({
    queryKey: ["events", "span", entity, limits, start, end],
    queryFn: async ({ signal }): Promise<SpanEvents> => {
      const items: StoredEvent[] = [];
      let before: number | undefined;
      for (let page = 0; page < PAGES; page++) {
        const query = { ...limits, entity, start, end, limit: PAGE, before };
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

/** How many events of each type there were in a span (ms), in at most so many steps; the server counts. */
export function useSpanCounts(entity: string, span: Span, types: readonly string[], steps = 48): UseQueryResult<EventCounts> {
  const { start, end } = asked(span);
  return useQuery({
    queryKey: ["event-counts", entity, types, steps, start, end],
    queryFn: ({ signal }) => {
      const query = { entity, type: [...types], by: "type" as const, steps, start, end };
      return take(api.GET("/api/v1/events/counts", { params: { query }, signal }));
    },
    placeholderData: keepPreviousData,
    staleTime: 5000,
    refetchInterval: 10_000,
  });
}
