import { Button, Menu, TextInput } from "@mantine/core";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import { useSearchParams } from "react-router";

import { useKeys } from "../../app/keys";
import { useZone } from "../../app/session";
import { useEntity } from "../../api/hooks";
import type { SavedSearch, StoredEvent } from "../../api/types";
import { merge, useEventTail } from "../../live/events";
import { Download, Reports } from "../../parts/Download";
import { EventDetail } from "../../parts/EventDetail";
import { EventRow } from "../../parts/EventRow";
import { Icon } from "../../parts/Icon";
import { PageHead, Panel } from "../../parts/Panel";
import { Await, Empty, Failure } from "../../parts/States";
import { t } from "../../text/t";
import { useNow } from "../../time/ticker";
import { fromField, stamp, toField } from "../../time/zone";
import styles from "./Events.module.css";
import { canFollow, fromAddress, NOTHING, ofSaved, toAddress, type LogFilter } from "./filter";
import { Filters } from "./Filters";
import { Saved } from "./Saved";
import { Strip } from "./Strip";
import { useLog } from "./useLog";

const ROW = 28;
/** Rows held in the browser; older ones are dropped from the list and stay in the log. */
const HELD = 5000;

/** The filter and the moment that the list begins at, as they stand in the address. */
function useFilter() {
  const [search, setSearch] = useSearchParams();
  const at = /^\d{1,18}$/.test(search.get("at") ?? "") ? Number(search.get("at")) : null;
  const change = useCallback(
    (wish: Partial<LogFilter>) =>
      setSearch(
        (held) => {
          const next = toAddress({ ...fromAddress(held), ...wish });
          const kept = held.get("at");
          if (kept) next.set("at", kept);
          return next;
        },
        { replace: true },
      ),
    [setSearch],
  );
  const jump = useCallback(
    (us: number | null) =>
      setSearch((held) => {
        const next = new URLSearchParams(held);
        if (us === null) next.delete("at");
        else next.set("at", String(us));
        return next;
      }),
    [setSearch],
  );
  // The palette names a saved search: what it means now takes its place in the address.
  const named = search.get("saved") ?? "";
  const saved = useEntity<SavedSearch>("saved-search", named).data;
  useEffect(() => {
    if (named && saved?.id === named) setSearch(toAddress(ofSaved(saved, Date.now())), { replace: true });
  }, [named, saved, setSearch]);
  return { filter: fromAddress(search), at, change, jump };
}

function Jump({ at, jump }: { at: number | null; jump: (us: number | null) => void }) {
  const zone = useZone();
  return (
    <>
      <TextInput
        type="datetime-local"
        step="1"
        aria-label={t("events.jump")}
        title={t("events.jump")}
        leftSection={<span className="dim">{t("events.jump.short")}</span>}
        leftSectionWidth={64}
        value={at === null ? "" : toField(at / 1000, zone)}
        onChange={(event) => {
          const ms = fromField(event.currentTarget.value, zone);
          jump(ms === null ? null : ms * 1000);
        }}
      />
      {at === null ? null : (
        <Button variant="default" onClick={() => jump(null)}>
          {t("events.now")}
        </Button>
      )}
    </>
  );
}

function Exports({ filter }: { filter: LogFilter }) {
  return (["csv", "jsonl"] as const).map((form) => {
    const query = toAddress(filter);
    query.set("form", form);
    return (
      <Download
        key={form}
        href={`/api/v1/events/export?${query.toString()}`}
        label={t("events.export", { form: form === "csv" ? "CSV" : "JSON" })}
        title={t("events.export.title", { form: form === "csv" ? "CSV" : "JSON Lines" })}
      />
    );
  });
}

/** The event log: what happened, newest first, as it happens; searched, counted, exported. */
export function Events() {
  const { filter, at, change, jump } = useFilter();
  const zone = useZone();
  const now = useNow();
  const log = useLog(filter, at);
  const follows = at === null && canFollow(filter);
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
      const words = filter.q.toLowerCase();
      const wanted = events.filter(
        ({ event }) =>
          (!words || (event.text ?? "").toLowerCase().includes(words)) && (filter.start === null || event.time >= filter.start),
      );
      (paused ? setWaiting : setTail)((held) => merge(held, wanted, HELD));
    },
    [paused, filter.q, filter.start],
  );
  const of_ = filter.entity || (filter.holder ? `credential-holder:${filter.holder}` : "");
  useEventTail(
    { types: filter.types, entities: of_ ? [of_] : [], severity: filter.severity },
    log.head,
    log.head !== null && follows,
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
      const place = open ? events.findIndex((event) => event.seq === open.seq) : -1;
      const next = events[Math.min(events.length - 1, Math.max(0, place + step))];
      if (next) setOpen(next);
    },
    [events, open],
  );
  const { more, newer } = log;
  useKeys(
    useCallback(
      (key) => {
        if (key === " ") toggle();
        else if (key === "j") select(1);
        else if (key === "k") select(-1);
        else if (key === "0") change({ start: null, end: null });
        else return false;
        return true;
      },
      [toggle, select, change],
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
  const first = items[0]?.index ?? 0;
  useEffect(() => {
    if (last >= events.length - 20 && log.searched === null) more();
  }, [last, events.length, more, log.searched]);
  useEffect(() => {
    if (at !== null && first === 0) newer();
  }, [at, first, newer]);
  // What is put in above keeps what one reads where it is.
  const top = useRef<{ at: number | null; seq: number }>({ at: null, seq: 0 });
  useLayoutEffect(() => {
    const seq = events[0]?.seq ?? 0;
    if (at !== null && top.current.at === at && seq > top.current.seq && box.current)
      box.current.scrollTop += events.findIndex((event) => event.seq <= top.current.seq) * ROW;
    top.current = { at, seq };
  }, [at, events]);

  return (
    <>
      <PageHead
        title={t("nav.events")}
        after={
          <span className="dim">
            {paused ? t("events.paused", { n: waiting.length }) : follows ? t("events.live") : t("events.still")}
          </span>
        }
        actions={
          <>
            <Jump at={at} jump={jump} />
            <Saved filter={filter} onUse={(wish) => change({ ...NOTHING, ...wish })} />
            <Menu position="bottom-end" closeOnItemClick={false}>
              <Menu.Target>
                <Button variant="default">{t("events.files")}</Button>
              </Menu.Target>
              <Menu.Dropdown>
                <div className="stack" style={{ padding: 8 }}>
                  <Reports path="events" query={toAddress(filter)} label={(form) => t("report.events", { form })} />
                  <Exports filter={filter} />
                </div>
              </Menu.Dropdown>
            </Menu>
            <Button
              variant={paused ? "filled" : "default"}
              onClick={toggle}
              disabled={!follows}
              leftSection={<Icon name={paused ? "play" : "pause"} size={14} />}
            >
              {paused ? t("events.resume") : t("events.pause")}
            </Button>
          </>
        }
      />
      <Filters filter={filter} change={change} />
      <Strip filter={filter} onSpan={(start, end) => change({ start, end })} />
      <Panel
        title={t("events.log")}
        flush
        className={styles.panel}
        actions={
          filter.start !== null || filter.end !== null ? (
            <Button variant="default" onClick={() => change({ start: null, end: null })}>
              {t("events.whole")}
            </Button>
          ) : null
        }
      >
        <Await query={log.query} rows={12}>
          {events.length === 0 && log.searched === null ? <Empty what={t("events.none")} next={t("events.none.next")} /> : null}
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
          {log.searched === null ? null : (
            <div className={styles.more} role="status">
              {t("events.searched", { time: stamp(log.searched / 1000, zone, now) })}
              <Button variant="default" onClick={more} loading={log.query.isFetching}>
                {t("events.searched.on")}
              </Button>
            </div>
          )}
          {log.error ? <Failure error={log.error} retry={more} /> : null}
        </Await>
      </Panel>
      <EventDetail stored={open} onClose={() => setOpen(null)} />
    </>
  );
}
