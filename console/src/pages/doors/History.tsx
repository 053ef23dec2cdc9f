import { useElementSize } from "@mantine/hooks";
import { lazy, Suspense } from "react";

import type { Door } from "../../api/types";
import { Counts, Lanes, Marks } from "../../charts/Lanes";
import { barsOf } from "../../charts/marks";
import type { Line, Shade } from "../../charts/model";
import { sidesOf } from "../../charts/plot";
import { stretches } from "../../charts/stretches";
import { TimeControl } from "../../charts/TimeControl";
import { useRange } from "../../charts/useHistory";
import { MOST_EVENTS, useSpanCounts, useSpanEvents } from "../../charts/useSpanEvents";
import { Panel } from "../../parts/Panel";
import { RecentEvents } from "../../parts/RecentEvents";
import { Await, Loading } from "../../parts/States";
import { t } from "../../text/t";
import { useZone } from "../../app/session";
import { useNow } from "../../time/ticker";
import { stamp } from "../../time/zone";

const Chart = lazy(async () => ({ default: (await import("../../charts/Chart")).Chart }));

/** What is counted, as types of events, and how grave it is. */
const COUNTED = [
  ["history.door.granted", ["access.granted"], 0],
  ["history.door.denied", ["access.denied"], 1],
  ["history.door.opened", ["door.opened"], 0],
  ["history.door.alarms", ["door.forced", "door.held", "door.tamper", "access.duress"], 3],
] as const;
const TYPES = COUNTED.flatMap(([, types]) => [...types]);
/** What says when the door stood open, and what was grave: the rest is counted by the server. */
const STATES = { type: ["door.opened", "door.closed"] };
const GRAVE = { severity: 1 };
const NO_LINES: readonly Line[] = [];
const NO_SHADES: readonly Shade[] = [];

/** A door over time: who passed and was refused, when it stood open, what was grave. */
export function DoorHistory({ door }: { door: Door }) {
  const { range, span, setRange } = useRange(86_400);
  const query = useSpanCounts(`door:${door.id}`, span, TYPES);
  const states = useSpanEvents(`door:${door.id}`, span, STATES);
  const grave = useSpanEvents(`door:${door.id}`, span, GRAVE);
  const zone = useZone();
  const now = useNow();
  const { ref } = useElementSize();
  const margins = sidesOf([]);
  const open = stretches(states.data?.items ?? [], ["door.opened"], ["door.closed"], span, now);
  return (
    <>
      <Panel title={t("point.history")} actions={<TimeControl range={range} span={span} onRange={setRange} />}>
        <Await query={query} rows={6}>
          <div ref={ref} className="stack" style={{ gap: 8 }}>
            {COUNTED.map(([name, types, severity]) => (
              <Counts
                key={name}
                name={t(name)}
                bars={barsOf(query.data, types)}
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
            <Marks events={grave.data?.items ?? []} span={span} margins={margins} onSpan={setRange} />
            {query.data?.reached ? (
              <p className="dim">{t("events.strip.reached", { time: stamp(query.data.reached / 1000, zone, now) })}</p>
            ) : null}
            {states.data?.more || grave.data?.more ? <p className="dim">{t("history.door.more", { n: MOST_EVENTS })}</p> : null}
          </div>
        </Await>
      </Panel>
      <RecentEvents title={t("door.events")} entity={`door:${door.id}`} limit={50} />
    </>
  );
}
