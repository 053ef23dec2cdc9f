import { useQuery } from "@tanstack/react-query";

import { api, take } from "../../api/client";
import type { ZoneNow } from "../../api/types";
import { useFollowing } from "../../live/follow";

/** How often the boards ask anew while the live channel tells them nothing, in milliseconds. */
export const EVERY = 2000;

/** What tells something of a zone, its people or the doors in it; and that the site's zones were changed. */
export const TELLING = [
  "access.granted",
  "access.denied",
  "access.taken",
  "door.opened",
  "door.closed",
  "door.mode",
  "zone.*",
  "muster.*",
  "config.*",
] as const;

export function useZones() {
  const following = useFollowing("zones", TELLING);
  return useQuery({
    queryKey: ["zones"],
    queryFn: ({ signal }) => take(api.GET("/api/v1/zones", { signal })),
    refetchInterval: following ? false : EVERY,
  });
}

export function useZone(kind: ZoneNow["kind"], id: string) {
  const following = useFollowing("zones", TELLING);
  return useQuery({
    queryKey: ["zones", kind, id],
    queryFn: ({ signal }) => take(api.GET("/api/v1/zones/{kind}/{id}", { params: { path: { kind, id } }, signal })),
    refetchInterval: following ? false : EVERY,
  });
}
