import { useCallback } from "react";

import type { StoredEvent } from "../api/types";
import { useEventTail } from "../live/events";
import { movedTo } from "../site/origins";

const MOVES = { types: ["network.port-kept"], entities: [], severity: 0 };

/** Takes this page along when the port that it came from is moved for good: the old number closes in a moment. */
export function useFollowPort(): void {
  useEventTail(
    MOVES,
    null,
    true,
    useCallback((events: StoredEvent[]) => {
      for (const { event } of events) {
        const origin = movedTo(window.location, event);
        if (origin) window.location.replace(`${origin}${window.location.pathname}${window.location.search}`);
      }
    }, []),
  );
}
