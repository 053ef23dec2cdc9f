import { SegmentedControl, TextInput } from "@mantine/core";
import { useVirtualizer } from "@tanstack/react-virtual";
import { memo, useDeferredValue, useMemo, useRef, useState } from "react";
import { Link } from "react-router";

import { useAll } from "../../api/hooks";
import type { Point } from "../../api/types";
import { useValue, useValues, useWanted } from "../../live/points";
import { PageHead, Panel } from "../../parts/Panel";
import { Await, Empty } from "../../parts/States";
import { Age } from "../../parts/Time";
import { Quality, ValueText } from "../../parts/Value";
import { useCan } from "../../app/session";
import { grade } from "../../site/quality";
import { t } from "../../text/t";
import styles from "./Points.module.css";
import { WriteButton } from "./Write";

const ROW = 32;
/** The server takes this many points in one subscription when the list is to be ranked by quality. */
const WATCH_ALL = 5000;

const Row = memo(function Row({ point }: { point: Point }) {
  const latest = useValue(point.id);
  const bad = latest !== undefined && grade(latest.quality) !== "good";
  return (
    <>
      <Link to={`/points/${point.id}`} className="cut">
        {point.name}
      </Link>
      <Link to={`/devices/${point.device}`} className={`${styles.device ?? ""} cut`}>
        {point.device}
      </Link>
      <span className={`${styles.value ?? ""} num`}>
        <ValueText point={point} latest={latest} />
      </span>
      <span className={styles.quality}>
        {latest ? <Quality code={latest.quality} /> : <span className="dim">{t("state.unknown")}</span>}
      </span>
      <span className={`${styles.age ?? ""} num dim`}>
        {latest ? <Age us={bad ? latest.source_time : latest.server_time} /> : null}
      </span>
      <span className={styles.write}>
        <WriteButton point={point} />
      </span>
    </>
  );
});

function Table({ points }: { points: readonly Point[] }) {
  const box = useRef<HTMLDivElement>(null);
  // eslint-disable-next-line react-hooks/incompatible-library -- rows are memoised by hand
  const rows = useVirtualizer({
    count: points.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW,
    overscan: 8,
  });
  const items = rows.getVirtualItems();
  const first = items[0]?.index ?? 0;
  const last = items[items.length - 1]?.index ?? -1;
  useWanted(useMemo(() => points.slice(first, last + 1).map((point) => point.id), [points, first, last]));
  return (
    <div className={styles.table} role="table" aria-rowcount={points.length} aria-label={t("nav.points")}>
      <div className={styles.head} role="row">
        <span role="columnheader">{t("points.point")}</span>
        <span role="columnheader" className={styles.device}>
          {t("points.device")}
        </span>
        <span role="columnheader" className="num">
          {t("points.value")}
        </span>
        <span role="columnheader" className={styles.quality}>
          {t("points.quality")}
        </span>
        <span role="columnheader" className={`${styles.age ?? ""} num`}>
          {t("points.age")}
        </span>
        <span role="columnheader" className={styles.write} aria-label={t("write.do")} />
      </div>
      <div ref={box} className={styles.scroll}>
        <div style={{ height: rows.getTotalSize(), position: "relative" }}>
          {items.map((item) => {
            const point = points[item.index];
            return point ? (
              <div
                key={point.id}
                role="row"
                aria-rowindex={item.index + 1}
                className={styles.row}
                style={{ transform: `translateY(${item.start}px)` }}
              >
                <Row point={point} />
              </div>
            ) : null;
          })}
        </div>
      </div>
    </div>
  );
}

function useAbnormal(points: readonly Point[], on: boolean): readonly Point[] {
  const watched = useMemo(() => (on ? points.slice(0, WATCH_ALL).map((point) => point.id) : []), [points, on]);
  useWanted(watched);
  const values = useValues();
  return on ? points.filter((point) => grade(values.get(point.id)?.quality ?? 0) !== "good") : points;
}

export function Points() {
  const query = useAll<Point>("point");
  const can = useCan();
  const [filter, setFilter] = useState("");
  const [show, setShow] = useState("all");
  const needle = useDeferredValue(filter.trim().toLowerCase());
  const found = useMemo(() => {
    const points = query.data ?? [];
    const kept = points.filter(
      (point) =>
        (show !== "writable" || point.writable) &&
        (!needle || `${point.name} ${point.id} ${point.device} ${point.tags.join(" ")}`.toLowerCase().includes(needle)),
    );
    return kept.sort((a, b) => a.name.localeCompare(b.name, "en", { numeric: true }));
  }, [query.data, needle, show]);
  const points = useAbnormal(found, show === "bad");
  return (
    <>
      <PageHead
        title={t("nav.points")}
        actions={
          <>
            <SegmentedControl
              aria-label={t("points.show")}
              value={show}
              onChange={setShow}
              data={[
                { value: "all", label: t("points.show.all") },
                { value: "bad", label: t("points.show.bad") },
                { value: "writable", label: t("points.show.writable") },
              ]}
            />
            {can("points.import") ? <Link to="/points/import">{t("machines.title")}</Link> : null}
            <TextInput
              data-filter
              placeholder={t("filter.points")}
              aria-label={t("filter.points")}
              value={filter}
              onChange={(e) => setFilter(e.currentTarget.value)}
            />
          </>
        }
      />
      <Panel title={t("points.all")} count={points.length} flush className={styles.panel}>
        <Await query={query} rows={10}>
          {points.length > 0 ? (
            <Table points={points} />
          ) : (query.data ?? []).length > 0 ? (
            <Empty what={show === "bad" ? t("points.none.bad") : t("filter.none")} next={t("filter.none.next")} />
          ) : (
            <Empty
              what={t("points.none")}
              next={t("points.none.next")}
              action={can("endpoint.create") ? <Link to="/endpoints">{t("points.none.link")}</Link> : null}
            />
          )}
        </Await>
      </Panel>
    </>
  );
}
