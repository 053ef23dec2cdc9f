import { useMemo } from "react";
import { Link } from "react-router";

import { useAll } from "../../api/hooks";
import type { Camera, Door, Entity, Point, Status } from "../../api/types";
import { useStatuses } from "../../live/status";
import { useValue, useWanted } from "../../live/points";
import { Mark, StateTag } from "../../parts/Mark";
import { Panel } from "../../parts/Panel";
import { Await, Empty } from "../../parts/States";
import { Quality, ValueText } from "../../parts/Value";
import { Age } from "../../parts/Time";
import { doorAlarm, field, severityOf } from "../../site/severity";
import { grade } from "../../site/quality";
import { t, word } from "../../text/t";
import styles from "./Overview.module.css";

const SHOWN = 12;

/** The worst first, then by name, so that the first tiles are those that matter. */
function ranked<T extends Entity>(
  kind: string,
  items: readonly T[],
  statuses: ReadonlyMap<string, Status>,
): { item: T; status: Status | undefined }[] {
  return items
    .map((item) => ({ item, status: statuses.get(`${kind}:${item.id}`) ?? item.status ?? undefined }))
    .sort((a, b) => severityOf(b.status) - severityOf(a.status) || a.item.name.localeCompare(b.item.name))
    .slice(0, SHOWN);
}

export function DoorsPanel() {
  const query = useAll<Door>("door");
  const statuses = useStatuses();
  const doors = ranked("door", query.data ?? [], statuses);
  return (
    <Panel title={t("nav.doors")} count={query.data?.length} flush actions={<Link to="/doors">{t("action.all")}</Link>}>
      <Await query={query} rows={2}>
        {doors.length === 0 ? (
          <Empty
            what={t("doors.none")}
            next={t("doors.none.next")}
            action={<Link to="/controllers">{t("doors.none.link")}</Link>}
          />
        ) : null}
        <div className={styles.tiles}>
          {doors.map(({ item, status }) => {
            const severity = severityOf(status);
            const alarm = doorAlarm(status);
            return (
              <Link key={item.id} to={`/doors/${item.id}`} className={styles.tile} data-severity={severity}>
                <span className={styles.line}>
                  <Mark severity={severity} />
                  <span className={`${styles.name ?? ""} cut`}>{item.name}</span>
                </span>
                <span className={styles.line}>
                  {alarm
                    ? word("alarm", alarm)
                    : status
                      ? word("mode", field(status, "mode") || status.state)
                      : t("state.unknown")}
                  {status && field(status, "physical") ? <span>{word("physical", field(status, "physical"))}</span> : null}
                </span>
              </Link>
            );
          })}
        </div>
      </Await>
    </Panel>
  );
}

export function CamerasPanel() {
  const query = useAll<Camera>("camera");
  const statuses = useStatuses();
  const cameras = ranked("camera", query.data ?? [], statuses);
  return (
    <Panel title={t("nav.cameras")} count={query.data?.length} flush actions={<Link to="/wall">{t("nav.wall")}</Link>}>
      <Await query={query} rows={2}>
        {cameras.length === 0 ? (
          <Empty
            what={t("cameras.none")}
            next={t("cameras.none.next")}
            action={<Link to="/cameras">{t("cameras.none.link")}</Link>}
          />
        ) : null}
        <div className={styles.tiles}>
          {cameras.map(({ item, status }) => (
            <Link key={item.id} to={`/cameras/${item.id}`} className={styles.tile} data-severity={severityOf(status)}>
              <span className={`${styles.name ?? ""} cut`}>{item.name}</span>
              <span className={styles.line}>
                <StateTag status={status} />
                {status?.data.recording === true ? <span>{t("cameras.recording")}</span> : null}
              </span>
            </Link>
          ))}
        </div>
      </Await>
    </Panel>
  );
}

function PointTile({ point }: { point: Point }) {
  const latest = useValue(point.id);
  const bad = latest !== undefined && grade(latest.quality) !== "good";
  return (
    <Link to={`/points/${point.id}`} className={styles.tile} data-severity={bad ? 2 : 0}>
      <span className={`${styles.name ?? ""} cut`}>{point.name}</span>
      <span className={styles.line}>
        {latest ? bad ? <Quality code={latest.quality} /> : <Age us={latest.source_time} /> : t("state.unknown")}
        <span className={styles.value}>
          <ValueText point={point} latest={latest} />
        </span>
      </span>
    </Link>
  );
}

export function PointsPanel() {
  const query = useAll<Point>("point");
  const points = useMemo(() => (query.data ?? []).slice(0, SHOWN), [query.data]);
  useWanted(useMemo(() => points.map((point) => point.id), [points]));
  return (
    <Panel title={t("nav.points")} count={query.data?.length} flush actions={<Link to="/points">{t("action.all")}</Link>}>
      <Await query={query} rows={2}>
        {points.length === 0 ? (
          <Empty
            what={t("points.none")}
            next={t("points.none.next")}
            action={<Link to="/endpoints">{t("points.none.link")}</Link>}
          />
        ) : null}
        <div className={styles.tiles}>
          {points.map((point) => (
            <PointTile key={point.id} point={point} />
          ))}
        </div>
      </Await>
    </Panel>
  );
}
