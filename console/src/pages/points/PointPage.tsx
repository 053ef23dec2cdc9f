import { useMemo } from "react";
import { useParams } from "react-router";

import { useEntity } from "../../api/hooks";
import type { Point } from "../../api/types";
import { PointHistory } from "../../charts/PointHistory";
import { useValue, useWanted } from "../../live/points";
import { useStatus } from "../../live/status";
import { EditLink } from "../../parts/EditLink";
import { EntityLink } from "../../parts/EntityLink";
import { PageTabs, useTab } from "../../parts/PageTabs";
import { PageHead, Panel } from "../../parts/Panel";
import { RecentEvents } from "../../parts/RecentEvents";
import { Await } from "../../parts/States";
import { Time } from "../../parts/Time";
import { Quality, ValueText } from "../../parts/Value";
import { t, word } from "../../text/t";
import { WriteButton } from "./Write";

function Facts({ point }: { point: Point }) {
  const latest = useValue(point.id);
  const input = useStatus(`point:${point.id}`)?.data.input;
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
        {typeof input === "string" ? (
          <>
            <dt>{t("point.input")}</dt>
            <dd>{word("point.input", input)}</dd>
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
  const tab = useTab();
  return (
    <Await query={query} rows={8}>
      {point ? (
        <>
          <PageHead title={point.name} actions={<EditLink kind="point" id={id} />} />
          <PageTabs />
          {tab === "history" ? (
            <>
              <PointHistory point={point} height={400} />
              <RecentEvents title={t("point.events")} entity={`point:${id}`} limit={50} />
            </>
          ) : (
            <div className="columns">
              <div className="stack">
                <PointHistory point={point} />
                <RecentEvents title={t("point.events")} entity={`point:${id}`} limit={15} />
              </div>
              <Facts point={point} />
            </div>
          )}
        </>
      ) : null}
    </Await>
  );
}
