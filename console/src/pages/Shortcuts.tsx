import { Kbd, Switch } from "@mantine/core";

import { useSingleKeys } from "../app/keys";
import { NAVIGATION } from "../app/navigation";
import { PageHead, Panel } from "../parts/Panel";
import { t, type PlainKey } from "../text/t";

const GENERAL: [string, PlainKey][] = [
  ["Ctrl K", "keys.palette"],
  ["/", "keys.filter"],
  ["?", "keys.help"],
  ["Esc", "keys.close"],
];
const WALL: [string, PlainKey][] = [
  ["1", "keys.wall.1"],
  ["4", "keys.wall.4"],
  ["6", "keys.wall.6"],
  ["8", "keys.wall.8"],
  ["9", "keys.wall.9"],
  ["0", "keys.wall.0"],
  ["← →", "keys.wall.page"],
  ["f", "keys.wall.full"],
];
const EVENTS: [string, PlainKey][] = [
  ["Space", "keys.events.pause"],
  ["j k", "keys.events.move"],
  ["Enter", "keys.events.open"],
];
const DOORS: [string, PlainKey][] = [
  ["j k", "keys.doors.move"],
  ["Enter", "keys.doors.open"],
  ["r", "keys.doors.release"],
  ["l", "keys.doors.many"],
];
const PLAYBACK: [string, PlainKey][] = [
  ["Space", "keys.playback.play"],
  ["← →", "keys.playback.skip"],
  [", .", "keys.playback.frame"],
  ["< >", "keys.playback.speed"],
  ["1", "keys.playback.normal"],
  ["[ ]", "keys.playback.recording"],
  ["l", "keys.playback.live"],
];

const TIMELINE: [string, PlainKey][] = [
  ["n p", "keys.timeline.event"],
  ["b", "keys.timeline.bookmark"],
];

function Keys({ title, rows }: { title: string; rows: readonly [string, string][] }) {
  return (
    <Panel title={title} flush>
      <table className="plain">
        <tbody>
          {rows.map(([keys, what]) => (
            <tr key={keys}>
              <td style={{ width: 120 }}>
                {keys.split(" ").map((key) => (
                  <Kbd key={key} mr={4}>
                    {key}
                  </Kbd>
                ))}
              </td>
              <td>{what}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  );
}

const told = (rows: [string, PlainKey][]): [string, string][] => rows.map(([keys, text]) => [keys, t(text)]);

export function Shortcuts() {
  const [on, setOn] = useSingleKeys();
  return (
    <>
      <PageHead
        title={t("shortcuts.title")}
        actions={<Switch checked={on} onChange={(e) => setOn(e.currentTarget.checked)} label={t("shortcuts.single")} />}
      />
      <div className="columns" style={{ gridTemplateColumns: "repeat(auto-fit, minmax(280px, 1fr))" }}>
        <Keys title={t("shortcuts.general")} rows={told(GENERAL)} />
        <Keys title={t("shortcuts.go")} rows={NAVIGATION.map((place) => [`g ${place.key}`, t(place.text)])} />
        <Keys title={t("nav.wall")} rows={told(WALL)} />
        <Keys title={t("shortcuts.playback")} rows={told(PLAYBACK)} />
        <Keys title={t("nav.timeline")} rows={told(TIMELINE)} />
        <Keys title={t("nav.doors")} rows={told(DOORS)} />
        <Keys title={t("nav.events")} rows={told(EVENTS)} />
      </div>
    </>
  );
}
