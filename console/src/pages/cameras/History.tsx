import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useMemo } from "react";

import { api, take } from "../../api/client";
import type { Camera, CameraHealth } from "../../api/types";
import { Lanes, Marks } from "../../charts/Lanes";
import type { Band, Line, Shade } from "../../charts/model";
import { sidesOf, unitsOf } from "../../charts/plot";
import { TimeControl } from "../../charts/TimeControl";
import { useRange } from "../../charts/useHistory";
import { MOST_EVENTS, useSpanEvents } from "../../charts/useSpanEvents";
import { Panel } from "../../parts/Panel";
import { RecentEvents } from "../../parts/RecentEvents";
import { Await, Empty, Loading } from "../../parts/States";
import { useRecordings } from "../../player/recordings";
import { t, word } from "../../text/t";
import { useNow } from "../../time/ticker";

const Chart = lazy(async () => ({ default: (await import("../../charts/Chart")).Chart }));

const EVERY_MS = 10_000;
const NO_SHADES: readonly Shade[] = [];

/** The figures of the last hour as lines: rate, pictures a second, loss. */
function linesOf(health: CameraHealth | undefined): Line[] {
  const history = health?.streams[0]?.history;
  if (!history || history.times.length === 0) return [];
  const times = history.times.map((us) => us / 1e6);
  const none = times.map(() => null);
  const line = (id: string, name: string, unit: string, decimals: number, values: readonly number[]): Line => ({
    id,
    name,
    unit,
    decimals,
    stepped: false,
    earlier: false,
    times,
    values: [...values],
    low: none,
    high: none,
  });
  return [
    line(
      "bitrate",
      t("cameras.rate"),
      "Mbit/s",
      2,
      history.bitrate.map((bits) => bits / 1e6),
    ),
    line("fps", t("cameras.fps"), "fps", 1, history.fps),
    line("loss", t("history.camera.loss"), "%", 2, history.loss),
  ];
}

/** A camera over time: what is recorded and why the rest is not, its figures, and what happened. */
export function CameraHistory({ camera }: { camera: Camera }) {
  const { range, span, setRange } = useRange(3600);
  const now = useNow();
  const health = useQuery({
    queryKey: ["health", camera.id],
    queryFn: ({ signal }) => take(api.GET("/api/v1/cameras/{id}/health", { params: { path: { id: camera.id } }, signal })),
    refetchInterval: EVERY_MS,
  });
  const events = useSpanEvents(`camera:${camera.id}`, span);
  const cameras = useMemo(() => [camera.id], [camera.id]);
  const { known } = useRecordings(cameras, span);
  const lines = useMemo(() => linesOf(health.data), [health.data]);
  const margins = sidesOf(unitsOf(lines));
  const recorded: Band[] = (known[0]?.recordings ?? []).map((one) => ({ ...one, kind: "recorded", text: "" }));
  const gaps: Band[] = (known[0]?.gaps ?? []).map((one) => ({
    start: one.start,
    end: one.end || now,
    kind: "gap",
    text: word("gap", one.reason),
  }));
  return (
    <>
      <Panel title={t("point.history")} actions={<TimeControl range={range} span={span} onRange={setRange} />}>
        <Await query={health} rows={6}>
          <div className="stack" style={{ gap: 8 }}>
            {lines.length === 0 ? <Empty what={t("history.camera.health")} next={t("history.camera.none")} /> : null}
            <Suspense fallback={<Loading rows={6} />}>
              <Chart
                label={t("point.history.of", { point: camera.name })}
                lines={lines}
                shades={NO_SHADES}
                span={span}
                height={lines.length > 0 ? 240 : 48}
                onSpan={setRange}
              />
            </Suspense>
            <Lanes
              lanes={[{ id: "recorded", name: t("history.camera.recorded"), bands: [...recorded, ...gaps] }]}
              span={span}
              margins={margins}
            />
            <Marks events={events.data?.items ?? []} span={span} margins={margins} onSpan={setRange} />
            {events.data?.more ? <p className="dim">{t("history.more", { n: MOST_EVENTS })}</p> : null}
          </div>
        </Await>
      </Panel>
      <RecentEvents title={t("camera.events")} entity={`camera:${camera.id}`} limit={50} />
    </>
  );
}
