import { SegmentedControl } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useMemo, useState } from "react";
import { useParams } from "react-router";

import { api, take } from "../../api/client";
import { useEntity } from "../../api/hooks";
import type { Point } from "../../api/types";
import { useValue, useWanted } from "../../live/points";
import { EditLink } from "../../parts/EditLink";
import { EntityLink } from "../../parts/EntityLink";
import { PageHead, Panel } from "../../parts/Panel";
import { RecentEvents } from "../../parts/RecentEvents";
import { Await, Empty, Loading } from "../../parts/States";
import { Time } from "../../parts/Time";
import { Quality, ValueText } from "../../parts/Value";
import { t } from "../../text/t";
import { useNow } from "../../time/ticker";
import { WriteButton } from "./Write";

const Chart = lazy(async () => ({ default: (await import("./Chart")).Chart }));

const RANGES = [
  ["900", "range.15min"],
  ["3600", "range.1h"],
  ["21600", "range.6h"],
  ["86400", "range.24h"],
] as const;
const LIMIT = 50_000;

function History({ point }: { point: Point }) {
  const [range, setRange] = useState("900");
  const now = useNow();
  const seconds = Number(range);
  // The window moves on in steps, so that the answer can be kept for a while.
  const step = Math.max(5, seconds / 200) * 1000;
  const end = Math.ceil(now / step) * step;
  const start = end - seconds * 1000;
  const query = useQuery({
    queryKey: ["samples", point.id, start, end],
    queryFn: ({ signal }) =>
      take(
        api.GET("/api/v1/points/{id}/samples", {
          params: { path: { id: point.id }, query: { start: start * 1000, end: end * 1000, limit: LIMIT } },
          signal,
        }),
      ),
    placeholderData: (held) => held,
    staleTime: Infinity,
    gcTime: 30_000,
  });
  const samples = query.data;
  return (
    <Panel
      title={t("point.history")}
      actions={
        <SegmentedControl
          aria-label={t("point.range")}
          value={range}
          onChange={setRange}
          data={RANGES.map(([value, text]) => ({ value, label: t(text) }))}
        />
      }
    >
      <Await query={query} rows={6}>
        {samples && samples.times.length > 0 ? (
          <Suspense fallback={<Loading rows={6} />}>
            <Chart point={point} samples={samples} start={start} end={end} />
          </Suspense>
        ) : (
          <Empty what={t("point.history.none")} next={t("point.history.none.next")} />
        )}
        {samples && samples.times.length >= LIMIT ? <p className="dim">{t("point.history.limit", { n: LIMIT })}</p> : null}
      </Await>
    </Panel>
  );
}

function Facts({ point }: { point: Point }) {
  const latest = useValue(point.id);
  useWanted(useMemo(() => [point.id], [point.id]));
  return (
    <Panel title={t("point.now")} actions={<WriteButton point={point} />}>
      <dl className="facts">
        <dt>{t("points.value")}</dt>
        <dd style={{ fontSize: 18, fontWeight: 600 }}>
          <ValueText point={point} latest={latest} />
        </dd>
        {latest ? (
          <>
            <dt>{t("points.quality")}</dt>
            <dd>
              <Quality code={latest.quality} />
            </dd>
            <dt>{t("point.source")}</dt>
            <dd>
              <Time us={latest.source_time} />
            </dd>
            <dt>{t("point.server")}</dt>
            <dd>
              <Time us={latest.server_time} />
            </dd>
          </>
        ) : null}
        <dt>{t("points.device")}</dt>
        <dd>
          <EntityLink to={`device:${point.device}`} />
        </dd>
        <dt>{t("point.address")}</dt>
        <dd className="mono">
          {Object.entries(point.address)
            .map(([name, value]) => `${name} ${typeof value === "string" ? value : JSON.stringify(value)}`)
            .join(", ")}
        </dd>
        <dt>{t("point.period")}</dt>
        <dd>{t("point.period.text", { s: point.period })}</dd>
        <dt>{t("point.writable")}</dt>
        <dd>{point.writable ? t("value.yes") : t("value.no")}</dd>
      </dl>
    </Panel>
  );
}

export function PointPage() {
  const { id = "" } = useParams();
  const query = useEntity<Point>("point", id);
  const point = query.data;
  return (
    <Await query={query} rows={8}>
      {point ? (
        <>
          <PageHead title={point.name} actions={<EditLink kind="point" id={id} />} />
          <div className="columns">
            <div className="stack">
              <History point={point} />
              <RecentEvents title={t("point.events")} entity={`point:${id}`} limit={15} />
            </div>
            <Facts point={point} />
          </div>
        </>
      ) : null}
    </Await>
  );
}
