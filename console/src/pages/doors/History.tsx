import { useElementSize } from "@mantine/hooks";
import { lazy, Suspense } from "react";

import type { Door } from "../../api/types";
import { Counts, Lanes, Marks } from "../../charts/Lanes";
import type { Line, Shade } from "../../charts/model";
import { sidesOf } from "../../charts/plot";
import { stretches } from "../../charts/stretches";
import { TimeControl } from "../../charts/TimeControl";
import { useRange } from "../../charts/useHistory";
import { MOST_EVENTS, useSpanEvents } from "../../charts/useSpanEvents";
import { Panel } from "../../parts/Panel";
import { RecentEvents } from "../../parts/RecentEvents";
import { Await, Loading } from "../../parts/States";
import { t } from "../../text/t";
import { useNow } from "../../time/ticker";

const Chart = lazy(async () => ({ default: (await import("../../charts/Chart")).Chart }));

/** What is counted, as types of events, and how grave it is. */
const COUNTED = [
  ["history.door.granted", ["access.granted"], 0],
  ["history.door.denied", ["access.denied"], 1],
  ["history.door.opened", ["door.opened"], 0],
  ["history.door.alarms", ["door.forced", "door.held", "door.tamper", "access.duress"], 3],
] as const;
const NO_LINES: readonly Line[] = [];
const NO_SHADES: readonly Shade[] = [];

/** A door over time: who passed and was refused, when it stood open, what was grave. */
export function DoorHistory({ door }: { door: Door }) {
  const { range, span, setRange } = useRange(86_400);
  const query = useSpanEvents(`door:${door.id}`, span);
  const now = useNow();
  const { ref } = useElementSize();
  const events = query.data?.items ?? [];
  const margins = sidesOf([]);
  const open = stretches(events, ["door.opened"], ["door.closed"], span, now);
  return (
    <>
      <Panel title={t("point.history")} actions={<TimeControl range={range} span={span} onRange={setRange} />}>
        <Await query={query} rows={6}>
          <div ref={ref} className="stack" style={{ gap: 8 }}>
            {COUNTED.map(([name, types, severity]) => (
              <Counts
                key={name}
                name={t(name)}
                times={events
                  .filter(({ event }) => (types as readonly string[]).includes(event.type))
                  .map(({ event }) => event.time / 1000)}
                severity={severity}
                span={span}
                margins={margins}
              />
            ))}
            <Lanes lanes={[{ id: "open", name: t("history.door.opened"), bands: open }]} span={span} margins={margins} />
            <Suspense fallback={<Loading rows={2} />}>
              <Chart
                label={t("point.history.of", { point: door.name })}
                lines={NO_LINES}
                shades={NO_SHADES}
                span={span}
                height={48}
                onSpan={setRange}
              />
            </Suspense>
            <Marks
              events={events.filter(({ event }) => (event.severity ?? 0) > 0)}
              span={span}
              margins={margins}
              onSpan={setRange}
            />
            {query.data?.more ? <p className="dim">{t("history.more", { n: MOST_EVENTS })}</p> : null}
          </div>
        </Await>
      </Panel>
      <RecentEvents title={t("door.events")} entity={`door:${door.id}`} limit={50} />
    </>
  );
}
