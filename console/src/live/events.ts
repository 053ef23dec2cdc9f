import { useEffect, useRef, useState } from "react";

import type { StoredEvent } from "../api/types";
import { live } from "./live";

export interface EventFilter {
  types: readonly string[];
  entities: readonly string[];
  severity: number;
}

/** Newest first, without repeats (delivery is at least once), at most `limit`: the oldest are dropped, they stay in the log. */
export function merge(held: readonly StoredEvent[], fresh: readonly StoredEvent[], limit: number): StoredEvent[] {
  const newest = held[0]?.seq ?? -1;
  const inOrder = fresh.every((event, i) => event.seq > (i === 0 ? newest : (fresh[i - 1]?.seq ?? 0)));
  if (inOrder) return [...fresh.toReversed(), ...held].slice(0, limit);
  const bySeq = new Map<number, StoredEvent>();
  for (const event of [...held, ...fresh]) bySeq.set(event.seq, event);
  return [...bySeq.values()].sort((a, b) => b.seq - a.seq).slice(0, limit);
}

/**
 * Calls `take` with events as they are logged, after `after` (null: from now on). `ready` false waits, so that a list can be
 * fetched first and the tail go on exactly where it ended.
 */
export function useEventTail(
  filter: EventFilter,
  after: number | null,
  ready: boolean,
  take: (events: StoredEvent[]) => void,
): void {
  const handler = useRef(take);
  useEffect(() => {
    handler.current = take;
  });
  const key = JSON.stringify(filter);
  useEffect(() => {
    if (!ready) return undefined;
    return live.subscribe(
      "events",
      JSON.parse(key) as Record<string, unknown>,
      (m) => handler.current((m.events ?? []) as StoredEvent[]),
      {
        after,
      },
    );
  }, [key, after, ready]);
}

/** True for `ms` after `value` changed to something else. */
export function useFresh(value: unknown, ms = 1500): boolean {
  const [fresh, setFresh] = useState(false);
  const first = useRef(true);
  useEffect(() => {
    if (first.current) {
      first.current = false;
      return undefined;
    }
    setFresh(true);
    const timer = setTimeout(() => setFresh(false), ms);
    return () => clearTimeout(timer);
  }, [value, ms]);
  return fresh;
}
