import { Button, MultiSelect, SegmentedControl, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useCallback, useEffect, useRef, useState } from "react";
import { useSearchParams } from "react-router";

import { useKeys } from "../../app/keys";
import type { StoredEvent } from "../../api/types";
import { merge, useEventTail } from "../../live/events";
import { Reports } from "../../parts/Download";
import { EventDetail } from "../../parts/EventDetail";
import { EventRow } from "../../parts/EventRow";
import { Icon } from "../../parts/Icon";
import { PageHead, Panel } from "../../parts/Panel";
import { Await, Empty, Failure } from "../../parts/States";
import { SEVERITIES } from "../../site/severity";
import { t, word } from "../../text/t";
import styles from "./Events.module.css";
import { useLog, type LogFilter } from "./useLog";

const ROW = 28;
/** Rows held in the browser; older ones are dropped from the list and stay in the log. */
const HELD = 5000;
const FAMILIES = [
  "access",
  "door",
  "camera",
  "video",
  "point",
  "device",
  "endpoint",
  "controller",
  "session",
  "config",
  "system",
];

function useFilter(): [LogFilter, (change: Partial<Record<keyof LogFilter, string | string[] | number>>) => void] {
  const [search, setSearch] = useSearchParams();
  const types = search.getAll("type");
  const filter: LogFilter = {
    types,
    entity: search.get("entity") ?? "",
    severity: Number(search.get("severity") ?? 0) || 0,
    q: search.get("q") ?? "",
  };
  const change = useCallback(
    (wish: Partial<Record<keyof LogFilter, string | string[] | number>>) =>
      setSearch(
        (held) => {
          const next = new URLSearchParams(held);
          for (const [name, value] of Object.entries(wish)) {
            const key = name === "types" ? "type" : name;
            next.delete(key);
            for (const item of Array.isArray(value) ? value : [value]) if (item) next.append(key, String(item));
          }
          return next;
        },
        { replace: true },
      ),
    [setSearch],
  );
  return [filter, change];
}

function Filters({ filter, change }: { filter: LogFilter; change: ReturnType<typeof useFilter>[1] }) {
  const [q, setQ] = useState(filter.q);
  const [settled] = useDebouncedValue(q, 250);
  useEffect(() => {
    change({ q: settled });
  }, [settled, change]);
  const known = FAMILIES.map((family) => ({ value: `${family}.*`, label: word("family", family) }));
  const extra = filter.types
    .filter((type) => !known.some((item) => item.value === type))
    .map((type) => ({ value: type, label: type }));
  return (
    <div className={styles.filters}>
      <TextInput
        data-filter
        className={styles.words}
        placeholder={t("events.search")}
        aria-label={t("events.search")}
        value={q}
        onChange={(e) => setQ(e.currentTarget.value)}
      />
      <MultiSelect
        className={styles.types}
        aria-label={t("events.types")}
        placeholder={filter.types.length === 0 ? t("events.types.all") : undefined}
        value={[...filter.types]}
        onChange={(types) => change({ types })}
        data={[...known, ...extra]}
        clearable
      />
      <TextInput
        className={styles.entity}
        placeholder={t("events.entity")}
        aria-label={t("events.entity")}
        value={filter.entity}
        onChange={(e) => change({ entity: e.currentTarget.value.trim() })}
      />
      <SegmentedControl
        aria-label={t("events.severity")}
        value={String(filter.severity)}
        onChange={(value) => change({ severity: Number(value) })}
        data={SEVERITIES.map((name, n) => ({
          value: String(n),
          label: n === 0 ? t("events.severity.all") : word("severity", name),
        }))}
      />
    </div>
  );
}

/** The filter as a report takes it. */
function reportOf(filter: LogFilter): URLSearchParams {
  const query = new URLSearchParams();
  for (const type of filter.types) query.append("type", type);
  if (filter.entity) query.set("entity", filter.entity);
  if (filter.severity) query.set("severity", String(filter.severity));
  if (filter.q) query.set("q", filter.q);
  return query;
}

/** The event log: what happened, newest first, as it happens. */
export function Events() {
  const [filter, change] = useFilter();
  const log = useLog(filter);
  const [tail, setTail] = useState<StoredEvent[]>([]);
  const [waiting, setWaiting] = useState<StoredEvent[]>([]);
  const [paused, setPaused] = useState(false);
  const [open, setOpen] = useState<StoredEvent | null>(null);
  const box = useRef<HTMLDivElement>(null);

  // A new list starts a new tail after its newest event.
  const [of, setOf] = useState(log.head);
  if (of !== log.head) {
    setOf(log.head);
    setTail([]);
    setWaiting([]);
  }
  const receive = useCallback(
    (events: StoredEvent[]) => {
      const wanted = filter.q
        ? events.filter(({ event }) => (event.text ?? "").toLowerCase().includes(filter.q.toLowerCase()))
        : events;
      (paused ? setWaiting : setTail)((held) => merge(held, wanted, HELD));
    },
    [paused, filter.q],
  );
  useEventTail(
    { types: filter.types, entities: filter.entity ? [filter.entity] : [], severity: filter.severity },
    log.head,
    log.head !== null,
    receive,
  );

  const events = tail.length === 0 ? log.events : merge(log.events, tail.toReversed(), HELD);
  const toggle = useCallback(() => {
    setPaused((held) => !held);
    setTail((held) => (waiting.length > 0 ? merge(held, waiting.toReversed(), HELD) : held));
    setWaiting([]);
  }, [waiting]);

  const select = useCallback(
    (step: number) => {
      const at = open ? events.findIndex((event) => event.seq === open.seq) : -1;
      const next = events[Math.min(events.length - 1, Math.max(0, at + step))];
      if (next) setOpen(next);
    },
    [events, open],
  );
  useKeys(
    useCallback(
      (key) => {
        if (key === " ") toggle();
        else if (key === "j") select(1);
        else if (key === "k") select(-1);
        else return false;
        return true;
      },
      [toggle, select],
    ),
  );

  // eslint-disable-next-line react-hooks/incompatible-library -- rows are cheap and bounded
  const rows = useVirtualizer({
    count: events.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW,
    overscan: 12,
    getItemKey: (i) => events[i]?.seq ?? i,
  });
  const items = rows.getVirtualItems();
  const last = items[items.length - 1]?.index ?? -1;
  const { more } = log;
  useEffect(() => {
    if (last >= events.length - 20) more();
  }, [last, events.length, more]);

  return (
    <>
      <PageHead
        title={t("nav.events")}
        after={<span className="dim">{paused ? t("events.paused", { n: waiting.length }) : t("events.live")}</span>}
        actions={
          <>
            <Reports path="events" query={reportOf(filter)} label={(form) => t("report.events", { form })} />
            <Button
              variant={paused ? "filled" : "default"}
              onClick={toggle}
              leftSection={<Icon name={paused ? "play" : "pause"} size={14} />}
            >
              {paused ? t("events.resume") : t("events.pause")}
            </Button>
          </>
        }
      />
      <Filters filter={filter} change={change} />
      <Panel title={t("events.log")} flush className={styles.panel}>
        <Await query={log.query} rows={12}>
          {events.length === 0 ? <Empty what={t("events.none")} next={t("events.none.next")} /> : null}
          <div ref={box} className={styles.scroll} role="log" aria-label={t("events.log")} aria-live="off" tabIndex={-1}>
            <div style={{ height: rows.getTotalSize(), position: "relative" }}>
              {items.map((item) => {
                const event = events[item.index];
                return event ? (
                  <div key={item.key} className={styles.row} style={{ transform: `translateY(${item.start}px)` }}>
                    <EventRow event={event} selected={open?.seq === event.seq} onOpen={setOpen} />
                  </div>
                ) : null;
              })}
            </div>
          </div>
          {log.error ? <Failure error={log.error} retry={more} /> : null}
        </Await>
      </Panel>
      <EventDetail stored={open} onClose={() => setOpen(null)} />
    </>
  );
}
