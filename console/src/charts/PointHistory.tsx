import { Button, MultiSelect, Select } from "@mantine/core";
import { useElementSize } from "@mantine/hooks";
import { lazy, Suspense, useMemo } from "react";
import { useSearchParams } from "react-router";

import { useAll, useEvents } from "../api/hooks";
import type { Point, PointColumns, SeriesAnswer, StoredEvent } from "../api/types";
import { useValue, useWanted } from "../live/points";
import { saveText } from "../parts/Download";
import { Panel } from "../parts/Panel";
import { Empty, Failure, Loading } from "../parts/States";
import { grade } from "../site/quality";
import { t } from "../text/t";
import { useNow } from "../time/ticker";
import styles from "./Chart.module.css";
import { Lanes, Marks } from "./Lanes";
import { csvOf, laneOf, lineOf, shadesOf, type Line } from "./model";
import { sidesOf, unitsOf } from "./plot";
import { backBy, COMPARED, isLive, type Range, type Span } from "./range";
import { TimeControl } from "./TimeControl";
import { useHistory, useRange } from "./useHistory";
import { Values } from "./Values";

const Chart = lazy(async () => ({ default: (await import("./Chart")).Chart }));

const MOST = 8;
const NONE: readonly StoredEvent[] = [];

/** The history of a point, with others beside it: one time, lines by unit, states as bands, events as marks. */
export function PointHistory({ point, height = 260 }: { point: Point; height?: number }) {
  const { range, span, setRange } = useRange(3600);
  const [search, setSearch] = useSearchParams();
  const beside = search.get("with") ?? "";
  const points = useMemo(() => [...new Set([point.id, ...beside.split(",").filter(Boolean)])].slice(0, MOST), [point.id, beside]);
  const compared = COMPARED.find((one) => one === search.get("compare")) ?? "none";
  const put = (name: string, value: string): void =>
    setSearch(
      (held) => {
        const next = new URLSearchParams(held);
        if (value) next.set(name, value);
        else next.delete(name);
        return next;
      },
      { replace: true },
    );
  return (
    <Panel title={t("point.history")} actions={<TimeControl range={range} span={span} onRange={setRange} />}>
      <div className="stack">
        <Series
          points={points}
          entity={`point:${point.id}`}
          range={range}
          span={span}
          back={backBy(compared, span)}
          onRange={setRange}
          height={height}
        >
          <Beside own={point.id} chosen={points.slice(1)} onChange={(ids) => put("with", ids.join(","))} />
          <Select
            aria-label={t("chart.compare")}
            w={190}
            data={COMPARED.map((value) => ({ value, label: t(`chart.compare.${value}`) }))}
            value={compared}
            onChange={(value) => put("compare", value === "none" ? "" : (value ?? ""))}
            allowDeselect={false}
          />
        </Series>
      </div>
    </Panel>
  );
}

function Beside({ own, chosen, onChange }: { own: string; chosen: string[]; onChange: (ids: string[]) => void }) {
  const all = useAll<Point>("point");
  const data = (all.data ?? []).filter((one) => one.id !== own).map(({ id, name }) => ({ value: id, label: name }));
  return (
    <MultiSelect
      aria-label={t("chart.beside")}
      placeholder={chosen.length < MOST - 1 ? t("chart.beside") : ""}
      className="grow"
      miw={180}
      data={data}
      limit={50}
      searchable
      maxValues={MOST - 1}
      value={chosen}
      onChange={onChange}
    />
  );
}

interface SeriesProps {
  points: readonly string[];
  /** Whose events are marked; none: no marks. */
  entity?: string;
  range: Range;
  span: Span;
  /** How far back the compared time lies, ms; 0 for none. */
  back: number;
  height: number;
  onRange: (range: Range) => void;
  /** A tile shows the picture alone. */
  plain?: boolean;
  children?: React.ReactNode;
}

/** Several points over one time, and what can be done with it. */
export function Series({ points, entity, range, span, back, height, onRange, plain = false, children }: SeriesProps) {
  const { ref, width } = useElementSize();
  const query = useHistory(points, span, width || 600);
  const earlier = useMemo(() => ({ start: span.start - back, end: span.end - back }), [span, back]);
  const before = useHistory(back > 0 ? points : [], earlier, width || 600);
  const events = useEvents(
    { entity, start: Math.floor(span.start * 1000), end: Math.ceil(span.end * 1000), limit: 500 },
    entity !== undefined && !plain,
  );
  const answer = query.data;
  const then = back > 0 ? before.data : undefined;
  const words = useMemo(() => ({ on: t("value.on"), off: t("value.off"), mixed: t("band.mixed") }), []);
  const parts = useMemo(() => partsOf(answer, then, back), [answer, then, back]);
  const lanes = useMemo(
    () => parts.states.map((one) => laneOf(one, answer?.width ?? 0, words)),
    [parts.states, answer?.width, words],
  );
  const lines = useTail(parts.lines, points, isLive(range));
  const empty = answer !== undefined && answer.items.every((one) => one.times.length === 0);
  const margins = sidesOf(unitsOf(lines));
  return (
    <div ref={ref} className="stack" style={{ gap: 8 }}>
      {children ? <div className={styles.controls}>{children}</div> : null}
      {query.error ? <Failure error={query.error} retry={() => void query.refetch()} /> : null}
      {answer === undefined && !query.error ? <Loading rows={Math.floor(height / 32)} /> : null}
      {empty ? <Empty what={t("point.history.none")} next={plain ? undefined : t("point.history.none.next")} /> : null}
      {answer && !empty ? (
        <>
          <Suspense fallback={<Loading rows={Math.floor(height / 32)} />}>
            <Chart
              label={t("point.history.of", { point: answer.items.map((one) => one.name).join(", ") })}
              lines={lines}
              shades={parts.shades}
              span={span}
              height={lines.length > 0 ? height : 48}
              onSpan={onRange}
            />
          </Suspense>
          {lanes.length > 0 ? <Lanes lanes={lanes} span={span} margins={margins} /> : null}
        </>
      ) : null}
      {entity && !plain ? <Marks events={events.data?.items ?? NONE} span={span} margins={margins} onSpan={onRange} /> : null}
      {answer && !plain ? <Files answer={answer} points={points} span={span} /> : null}
      {answer && !plain && !empty ? <Values items={answer.items} /> : null}
    </div>
  );
}

interface Parts {
  lines: Line[];
  states: PointColumns[];
  shades: ReturnType<typeof shadesOf>;
}

function partsOf(answer: SeriesAnswer | undefined, then: SeriesAnswer | undefined, back: number): Parts {
  const items = answer?.items ?? [];
  const numeric = (one: PointColumns): boolean => one.type === "number" || one.type === "integer";
  const numbers = items.filter(numeric);
  return {
    lines: [...numbers.map((one) => lineOf(one)), ...(then?.items ?? []).filter(numeric).map((one) => lineOf(one, back))],
    states: items.filter((one) => !numeric(one)),
    shades: numbers.flatMap((one) => shadesOf(one, answer?.width ?? 0)),
  };
}

/** The lines with what came live since, up to now, for the first of them: the others follow with the next answer. */
function useTail(lines: Line[], points: readonly string[], live: boolean): Line[] {
  const now = useNow();
  const latest = useValue(points[0] ?? "");
  useWanted(points);
  return useMemo(() => {
    const [first, ...rest] = lines;
    if (!live || !first || first.id !== latest?.point || typeof latest.value !== "number") return lines;
    if (grade(latest.quality) === "bad") return lines;
    const at = latest.source_time / 1e6;
    const since = first.times.filter((time) => time < at).length;
    const [times, values] = [
      [...first.times.slice(0, since), at],
      [...first.values.slice(0, since), latest.value],
    ];
    const shown = Math.max(at, now / 1000);
    const tail: Line = {
      ...first,
      times: shown > at ? [...times, shown] : times,
      values: shown > at ? [...values, latest.value] : values,
      low: [...first.low.slice(0, since), null, null],
      high: [...first.high.slice(0, since), null, null],
    };
    tail.low.length = tail.high.length = tail.times.length;
    return [tail, ...rest];
  }, [lines, live, latest, now]);
}

function Files({ answer, points, span }: { answer: SeriesAnswer; points: readonly string[]; span: Span }) {
  const query = new URLSearchParams(points.map((id): [string, string] => ["point", id]));
  query.set("start", String(Math.floor(span.start * 1000)));
  query.set("end", String(Math.ceil(span.end * 1000)));
  const href = (form: string): string => `/api/v1/history/export?${query.toString()}&form=${form}`;
  return (
    <div className={styles.controls}>
      <Button
        variant="default"
        title={t("chart.csv.help")}
        onClick={() => saveText(`${points[0] ?? "points"}.csv`, csvOf(answer.items), "text/csv")}
      >
        {t("chart.csv")}
      </Button>
      <Button component="a" variant="default" href={href("csv")} download title={t("chart.all.help")}>
        {t("chart.all.csv")}
      </Button>
      <Button component="a" variant="default" href={href("parquet")} download title={t("chart.all.help")}>
        {t("chart.all.parquet")}
      </Button>
    </div>
  );
}
