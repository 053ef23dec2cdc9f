import { useCallback, useState } from "react";
import { Link } from "react-router";

import { useEvents } from "../api/hooks";
import type { StoredEvent } from "../api/types";
import { merge, useEventTail } from "../live/events";
import { t } from "../text/t";
import { EventDetail } from "./EventDetail";
import { EventRow } from "./EventRow";
import { Panel } from "./Panel";
import { Await, Empty } from "./States";

interface Props {
  title: string;
  entity?: string;
  types?: readonly string[];
  limit?: number;
}

const NONE: readonly string[] = [];

/** The newest events, of the site or of one entity, live. */
export function RecentEvents({ title, entity = "", types = NONE, limit = 20 }: Props) {
  const query = useEvents({ limit, entity: entity || undefined, type: types.length > 0 ? [...types] : undefined });
  const [fresh, setFresh] = useState<{ of: unknown; events: StoredEvent[] }>({ of: null, events: [] });
  const [open, setOpen] = useState<StoredEvent | null>(null);
  const fetched = query.data?.items ?? [];
  const base = [...fetched].sort((a, b) => b.seq - a.seq);
  const head = query.data ? (base[0]?.seq ?? 0) : null;
  const take = useCallback(
    (events: StoredEvent[]) =>
      setFresh((held) => ({ of: query.data, events: merge(held.of === query.data ? held.events : [], events, limit) })),
    [query.data, limit],
  );
  useEventTail({ types, entities: entity ? [entity] : [], severity: 0 }, head, query.data !== undefined, take);
  const events = merge(base, (fresh.of === query.data ? fresh.events : []).toReversed(), limit);
  const all = entity ? `/events?entity=${encodeURIComponent(entity)}` : "/events";
  return (
    <Panel title={title} flush actions={<Link to={all}>{t("events.all")}</Link>}>
      <Await query={query} rows={6}>
        {events.length === 0 ? <Empty what={t("events.none")} next={t("events.none.next")} /> : null}
        <div style={{ containerType: "inline-size" }} role="log" aria-label={title} aria-live="off">
          {events.map((event) => (
            <EventRow key={event.seq} event={event} onOpen={setOpen} />
          ))}
        </div>
      </Await>
      <EventDetail stored={open} onClose={() => setOpen(null)} />
    </Panel>
  );
}
