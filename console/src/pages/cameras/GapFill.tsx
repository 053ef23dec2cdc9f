import { Button } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { api, take } from "../../api/client";
import { useCan, useZone } from "../../app/session";
import type { Camera } from "../../api/types";
import { useStatus } from "../../live/status";
import { Failure } from "../../parts/States";
import type { Gap } from "../../player/timeline";
import { t, word } from "../../text/t";
import { stamp } from "../../time/zone";

/** Gaps that are so on purpose: the camera is not asked for them. */
const KEPT = new Set(["privacy", "off", "removed", "deleted", "clock"]);

/** The gap that was chosen: why it is one, and the camera's own recording to fill it with, where it has one. */
export function GapFill({ camera, gap }: { camera: Camera; gap: Gap | null }) {
  const zone = useZone();
  const can = useCan();
  const client = useQueryClient();
  const control = useStatus(`camera-control:${camera.id}`);
  const span = gap ? { start: Math.round(gap.start * 1000), end: Math.round(gap.end * 1000) } : null;
  const known = useQuery({
    queryKey: ["recordings", camera.id, "fills", span?.start, span?.end],
    queryFn: ({ signal }) =>
      take(
        api.GET("/api/v1/cameras/{id}/recordings", {
          params: { path: { id: camera.id }, query: span ?? { start: 0, end: 1 } },
          signal,
        }),
      ),
    enabled: span !== null,
    refetchInterval: 5000,
  });
  const act = useMutation({
    mutationFn: async () => {
      if (span)
        await take(api.POST("/api/v1/cameras/{id}/fill", { params: { path: { id: camera.id } }, body: { ...span, reason: "" } }));
    },
    onSettled: () => client.invalidateQueries({ queryKey: ["recordings", camera.id] }),
  });
  if (!gap) return null;
  const fill = known.data?.fills.findLast((one) => one.start < gap.end * 1000 && one.end > gap.start * 1000);
  const busy = fill?.state === "waiting" || fill?.state === "running";
  const subject = { ref: `camera:${camera.id}`, area: camera.area, tags: camera.tags };
  const able = camera.edge_fill !== "off" && control?.data.edge != null && !KEPT.has(gap.reason) && can("camera.record", subject);
  return (
    <div className="row" role="status" style={{ padding: "0 12px 8px", flexWrap: "wrap" }}>
      <span>
        {t("gapfill.gap", {
          from: stamp(gap.start, zone, gap.end),
          to: stamp(gap.end, zone, gap.end),
          reason: word("gap", gap.reason),
        })}
      </span>
      {fill ? (
        <span className="dim">
          {word("gapfill.state", fill.state)}
          {fill.detail ? ` (${fill.detail})` : ""}
        </span>
      ) : null}
      {able && !busy ? (
        <Button variant="default" size="compact-xs" loading={act.isPending} onClick={() => act.mutate()}>
          {t("gapfill.ask")}
        </Button>
      ) : null}
      {act.error ? <Failure error={act.error} /> : null}
    </div>
  );
}
