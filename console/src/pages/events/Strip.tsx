import { useQuery, keepPreviousData } from "@tanstack/react-query";
import { useRef, useState } from "react";

import { api, take } from "../../api/client";
import { useZone } from "../../app/session";
import { Failure } from "../../parts/States";
import { SEVERITIES } from "../../site/severity";
import { t, word } from "../../text/t";
import { useNow } from "../../time/ticker";
import { stamp } from "../../time/zone";
import { toAddress, toQuery, type LogFilter } from "./filter";
import styles from "./Strip.module.css";

const STEPS = 120;

interface Props {
  filter: LogFilter;
  /** Narrows the search to a span, in microseconds. */
  onSpan: (start: number, end: number) => void;
}

/** How many events there were over time, by severity; a span that is dragged over, or a bar that is pressed, is looked into. */
export function Strip({ filter, onSpan }: Props) {
  const zone = useZone();
  const now = useNow();
  const box = useRef<HTMLDivElement>(null);
  const [drag, setDrag] = useState<{ from: number; to: number } | null>(null);
  const [pointed, setPointed] = useState<number | null>(null);
  const query = useQuery({
    queryKey: ["event-counts", toAddress(filter).toString()],
    queryFn: ({ signal }) =>
      take(api.GET("/api/v1/events/counts", { params: { query: { steps: STEPS, ...toQuery(filter) } }, signal })),
    placeholderData: keepPreviousData,
    refetchInterval: 30_000,
  });
  const told = query.data;
  if (query.error) return <Failure error={query.error} retry={() => void query.refetch()} />;
  const size = told && told.step > 0 ? Math.round((told.end - told.start) / told.step) : 0;
  const sums = Array.from({ length: size }, (_, i) => (told?.series ?? []).reduce((sum, one) => sum + (one.counts[i] ?? 0), 0));
  const most = Math.max(1, ...sums);
  const at = (clientX: number): number => {
    const place = box.current?.getBoundingClientRect();
    if (!place || size === 0) return 0;
    return Math.min(size - 1, Math.max(0, Math.floor(((clientX - place.left) / place.width) * size)));
  };
  const moment = (step: number): number => (told?.start ?? 0) + step * (told?.step ?? 0);
  const say = (step: number): string =>
    t("events.strip.bar", {
      from: stamp(moment(step) / 1000, zone, now),
      to: stamp(moment(step + 1) / 1000, zone, now),
      n: sums[step] ?? 0,
    });
  const marked = drag ? { low: Math.min(drag.from, drag.to), high: Math.max(drag.from, drag.to) } : null;
  return (
    <div className={styles.strip}>
      <div
        ref={box}
        className={styles.bars}
        role="img"
        aria-label={t("events.strip", { n: told?.total ?? 0 })}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          const step = at(event.clientX);
          setDrag({ from: step, to: step });
        }}
        onPointerMove={(event) => {
          const step = at(event.clientX);
          setPointed(step);
          setDrag((held) => held && { ...held, to: step });
        }}
        onPointerLeave={() => setPointed(null)}
        onPointerCancel={() => setDrag(null)}
        onPointerUp={() => {
          if (marked && size > 0) onSpan(moment(marked.low), moment(marked.high + 1));
          setDrag(null);
        }}
      >
        {sums.map((sum, i) => (
          <span key={i} className={styles.bar} data-marked={marked !== null && i >= marked.low && i <= marked.high}>
            {(told?.series ?? []).toReversed().map((one) => {
              const count = one.counts[i] ?? 0;
              return count === 0 ? null : (
                <span
                  key={one.name}
                  data-severity={one.name}
                  title={word("severity", SEVERITIES[Number(one.name)] ?? "")}
                  style={{ height: `${(count / most) * 100}%` }}
                />
              );
            })}
            {sum > 0 && sum / most < 0.04 ? <span className={styles.few} /> : null}
          </span>
        ))}
      </div>
      <div className={styles.legend}>
        <span>{told ? stamp(told.start / 1000, zone, now) : ""}</span>
        <span role="status">
          {pointed !== null && size > 0 ? say(pointed) : t("events.strip.total", { n: told?.total ?? 0 })}
        </span>
        {told?.reached ? <span>{t("events.strip.reached", { time: stamp(told.reached / 1000, zone, now) })}</span> : null}
        <span>{told ? stamp(told.end / 1000, zone, now) : ""}</span>
      </div>
    </div>
  );
}
