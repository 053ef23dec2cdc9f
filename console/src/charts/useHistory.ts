import { keepPreviousData, useQuery, type UseQueryResult } from "@tanstack/react-query";
import { useCallback, useMemo } from "react";
import { useSearchParams } from "react-router";

import { api, take } from "../api/client";
import type { SeriesAnswer } from "../api/types";
import { useNow } from "../time/ticker";
import { readRange, spanOf, writeRange, type Range, type Span } from "./range";

/** The range in the address, how to change it, and the span that it means now. */
export function useRange(standard: number): { range: Range; span: Span; setRange: (range: Range) => void } {
  const [search, setSearch] = useSearchParams();
  const now = useNow();
  const range = useMemo(() => readRange(search, standard), [search, standard]);
  const { start, end } = spanOf(range, now);
  const setRange = useCallback((next: Range) => setSearch((held) => writeRange(held, next), { replace: true }), [setSearch]);
  return { range, span: useMemo(() => ({ start, end }), [start, end]), setRange };
}

/** The history of points over a span (ms) in as many buckets as there are pixels, or each sample where these are few.

While another span is on its way, the last answer stands. */
export function useHistory(points: readonly string[], span: Span, pixels: number): UseQueryResult<SeriesAnswer> {
  const buckets = Math.max(100, Math.ceil(pixels / 100) * 100);
  const start = Math.max(0, Math.floor(span.start * 1000));
  const end = Math.ceil(span.end * 1000);
  return useQuery({
    queryKey: ["history", points, start, end, buckets],
    queryFn: ({ signal }) =>
      take(api.GET("/api/v1/history", { params: { query: { point: [...points], start, end, buckets, around: true } }, signal })),
    placeholderData: keepPreviousData,
    enabled: points.length > 0 && start < end,
    staleTime: Infinity,
    gcTime: 60_000,
  });
}
