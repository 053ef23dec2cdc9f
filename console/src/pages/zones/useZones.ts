import { useQuery } from "@tanstack/react-query";

import { api, take } from "../../api/client";
import type { ZoneNow } from "../../api/types";

/** How often the boards ask anew, in milliseconds. */
export const EVERY = 2000;

export function useZones() {
  return useQuery({
    queryKey: ["zones"],
    queryFn: ({ signal }) => take(api.GET("/api/v1/zones", { signal })),
    refetchInterval: EVERY,
  });
}

export function useZone(kind: ZoneNow["kind"], id: string) {
  return useQuery({
    queryKey: ["zones", kind, id],
    queryFn: ({ signal }) => take(api.GET("/api/v1/zones/{kind}/{id}", { params: { path: { kind, id } }, signal })),
    refetchInterval: EVERY,
  });
}
