import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { api, take } from "../../api/client";
import type { MulticastStreams } from "../../api/types";

const EVERY_MS = 4000;
const KEY = ["multicast"];
/** Tells what this page asked for from what other viewers of the same user hold. */
const HOLDER = "console";

/** Which camera is sent to which port. */
export function useMulticast(enabled: boolean) {
  return useQuery<MulticastStreams>({
    queryKey: KEY,
    queryFn: ({ signal }) => take(api.GET("/api/v1/multicast", { signal })),
    refetchInterval: EVERY_MS,
    enabled,
  });
}

/** Has a camera sent for so many seconds; 0 gives up what this user asked for here. */
export function useSend(id: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async ({ seconds, form }: { seconds: number; form: "mpegts" | "rtp" }) => {
      const params = { path: { id } };
      if (seconds > 0) {
        const body = { seconds, form, holder: HOLDER };
        const stream = await take(api.POST("/api/v1/cameras/{id}/multicast", { params, body }));
        client.setQueryData<MulticastStreams>(KEY, (old) => ({
          group: stream.group,
          items: [...(old?.items ?? []).filter((one) => one.port !== stream.port), stream],
        }));
      } else {
        await take(api.DELETE("/api/v1/cameras/{id}/multicast", { params: { ...params, query: { form, holder: HOLDER } } }));
        await new Promise((done) => setTimeout(done, 2500));
        await client.invalidateQueries({ queryKey: KEY });
      }
    },
  });
}
