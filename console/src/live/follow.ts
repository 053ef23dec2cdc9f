import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";

import { useCan } from "../app/session";
import { live, useConnection } from "./live";
import { Pace } from "./pace";

/**
 * Renews the queries below `key` as the log tells events of these types. True while it does: while the socket is down, or for
 * somebody who may not read the log, the page asks now and then instead.
 */
export function useFollowing(key: string, types: readonly string[]): boolean {
  const client = useQueryClient();
  const can = useCan();
  const following = useConnection().state === "open" && can("event.read");
  const wanted = JSON.stringify({ types, entities: [], severity: 0 });
  useEffect(() => {
    if (!following) return undefined;
    const pace = new Pace(() => void client.invalidateQueries({ queryKey: [key] }));
    // What happened between the last answer and the subscription was told to nobody here.
    pace.hint();
    const end = live.subscribe("events", JSON.parse(wanted) as Record<string, unknown>, () => pace.hint());
    return () => {
      end();
      pace.stop();
    };
  }, [client, following, key, wanted]);
  return following;
}
