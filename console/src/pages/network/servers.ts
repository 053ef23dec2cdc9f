/** Found servers and collisions, as the server hears them. */
import { useQuery, type UseQueryResult } from "@tanstack/react-query";

import { api, take } from "../../api/client";
import type { FoundServers } from "../../api/types";

export const SERVERS = ["found-servers"] as const;

/** One query for all parts of the page; announcements come every five seconds. */
export function useFoundServers(): UseQueryResult<FoundServers> {
  return useQuery({
    queryKey: SERVERS,
    queryFn: ({ signal }) => take(api.GET("/api/v1/network/servers", { signal })),
    refetchInterval: 5_000,
  });
}
