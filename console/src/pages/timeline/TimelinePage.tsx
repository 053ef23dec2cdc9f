import { Button, MultiSelect, SegmentedControl } from "@mantine/core";
import { useCallback, useMemo, useRef, useState } from "react";
import { Link, useSearchParams } from "react-router";

import { useAll } from "../../api/hooks";
import type { Camera } from "../../api/types";
import { useKeys } from "../../app/keys";
import { useCan, useZone } from "../../app/session";
import { Icon } from "../../parts/Icon";
import { PageHead, Panel } from "../../parts/Panel";
import { Await, Empty, Failure } from "../../parts/States";
import { Playback, type PlaybackHandle } from "../../player/Playback";
import { useLanes, useRecordings } from "../../player/recordings";
import { around, LENGTHS, type Span } from "../../player/timeline";
import { pressed, Transport } from "../../player/Transport";
import { useSkip } from "../../player/useClock";
import { Zoom } from "../../player/Zoom";
import { useControls, useEnd, usePlayerClock } from "../../player/usePlayer";
import { t } from "../../text/t";
import { useNow } from "../../time/ticker";
import { stamp } from "../../time/zone";
import { BookmarkForm } from "./Bookmark";
import { Lanes } from "./Lanes";
import { MarkList } from "./MarkList";
import { neighbourMark } from "./marks";
import styles from "./TimelinePage.module.css";
import { useMarks } from "./useMarks";

const MOST = 9;
/** Cameras that are shown before any is chosen. */
const FIRST = 4;
/** Where it begins when no moment is asked for: this long ago, ms. */
const AGO = 120_000;

function InStep({ cameras }: { cameras: readonly Camera[] }) {
  const zone = useZone();
  const now = useNow();
  const can = useCan();
  const [search] = useSearchParams();
  const asked = Number(search.get("at"));
  const [begin] = useState(() => (asked > 0 ? asked : now - AGO));
  const clock = usePlayerClock(begin, true);
  const [length, setLength] = useState(600);
  const [center, setCenter] = useState(begin);
  const [marking, setMarking] = useState<number | null>(null);
  const players = useRef(new Map<string, PlaybackHandle>());
  const ids = useMemo(() => cameras.map((camera) => camera.id), [cameras]);
  const names = useMemo(() => new Map(cameras.map((camera) => [camera.id, camera.name])), [cameras]);
  const window = around(center, length * 1000, now);
  const { known, error } = useRecordings(ids, window);
  const marks = useMarks(ids, window);
  const all = useMemo(() => marks.flat(), [marks]);
  // What any camera has: the buttons for the next recording go by the first that begins.
  const together = useMemo(
    () => known.flatMap((one): Span[] => one?.recordings ?? []).sort((one, other) => one.start - other.start),
    [known],
  );

  const seek = useCallback(
    (ms: number) => {
      clock.seek(Math.min(ms, Date.now() - 2000), performance.now());
    },
    [clock],
  );
  const step = useCallback(
    async (way: 1 | -1): Promise<void> => {
      // The first camera that has a frame there leads; the others follow the clock.
      for (const id of ids) if ((await players.current.get(id)?.step(way)) !== null) return;
    },
    [ids],
  );
  const controls = useControls(clock, {
    recordings: together,
    recorded: true,
    now,
    seek,
    step: useCallback((way) => void step(way), [step]),
  });
  const { at } = controls;
  const lanes = useLanes(known, at);
  const stop = useCallback(() => clock.pause(true, performance.now()), [clock]);
  useSkip(clock, { lanes, known, asked: asked > 0 }, useEnd(clock, ids, stop));
  if ((at < window.start || at > window.end) && center !== at) setCenter(at);

  const event = useCallback(
    (way: 1 | -1) => {
      const found = neighbourMark(all, at, way);
      return found ? () => seek(found.start - 1000) : null;
    },
    [all, at, seek],
  );
  const mayMark = can("bookmark.create");
  const mark = useCallback(() => {
    if (!mayMark) return;
    clock.pause(true, performance.now());
    setMarking(clock.at(performance.now()));
  }, [clock, mayMark]);
  useKeys(
    useCallback(
      (key) => {
        if (key === "n") event(1)?.();
        else if (key === "p") event(-1)?.();
        else if (key === "b") mark();
        else return pressed(key, controls);
        return true;
      },
      [controls, event, mark],
    ),
  );
  const columns = Math.ceil(Math.sqrt(cameras.length));
  return (
    <div className="stack loose">
      <Panel
        title={t("viewer.recorded")}
        flush
        actions={
          <>
            <span className={styles.clock}>{stamp(at, zone, now)}</span>
            {mayMark ? (
              <Button variant="default" leftSection={<Icon name="bookmark" size={14} />} onClick={mark}>
                {t("bookmark.open")}
              </Button>
            ) : null}
          </>
        }
      >
        <div className={styles.grid} style={{ "--columns": columns } as React.CSSProperties}>
          {cameras.map((camera, n) => (
            <article key={camera.id} className={styles.cell} aria-label={camera.name}>
              <header className={styles.caption}>
                <Link to={`/cameras/${camera.id}`} className="cut">
                  {camera.name}
                </Link>
              </header>
              <Zoom>
                <Playback
                  ref={(handle) => {
                    if (handle) players.current.set(camera.id, handle);
                    else players.current.delete(camera.id);
                  }}
                  camera={camera.id}
                  name={camera.name}
                  clock={clock}
                  recordings={lanes[n] ?? null}
                  gaps={known[n]?.gaps}
                />
              </Zoom>
            </article>
          ))}
        </div>
        <Transport controls={controls}>
          <Button variant="default" size="compact-xs" disabled={!event(-1)} onClick={() => event(-1)?.()}>
            {t("timeline.page.event.previous")}
          </Button>
          <Button variant="default" size="compact-xs" disabled={!event(1)} onClick={() => event(1)?.()}>
            {t("timeline.page.event.next")}
          </Button>
          <SegmentedControl
            aria-label={t("timeline.length")}
            value={String(length)}
            onChange={(value) => setLength(Number(value))}
            data={LENGTHS.map(([value, text]) => ({ value, label: t(text) }))}
          />
        </Transport>
        {error ? <Failure error={error} /> : null}
        <Lanes
          lanes={cameras.map((camera, n) => ({
            camera: camera.id,
            name: camera.name,
            known: known[n] ?? null,
            marks: marks[n] ?? [],
          }))}
          window={window}
          at={at}
          now={now}
          onSeek={seek}
          onZoom={(factor, moment) => {
            setLength(Math.round(Math.min(7 * 86_400, Math.max(60, length * factor))));
            setCenter(moment);
          }}
        />
      </Panel>
      <MarkList marks={all} names={names} window={window} onSeek={(ms) => seek(ms - 1000)} />
      {marking === null ? null : <BookmarkForm cameras={cameras} at={marking} now={now} onClose={() => setMarking(null)} />}
    </div>
  );
}

/** Recordings of several cameras in step, on one timeline. */
export function TimelinePage() {
  const query = useAll<Camera>("camera");
  const can = useCan();
  const [search, setSearch] = useSearchParams();
  const seen = (query.data ?? []).filter((one) =>
    can("camera.playback", { ref: `camera:${one.id}`, area: one.area, tags: one.tags }),
  );
  const named = search.getAll("camera");
  const chosen = (named.length > 0 ? seen.filter((one) => named.includes(one.id)) : seen.slice(0, FIRST)).slice(0, MOST);
  const key = chosen.map((one) => one.id).join(" ");
  return (
    <>
      <PageHead
        title={t("nav.timeline")}
        actions={
          <MultiSelect
            aria-label={t("timeline.page.cameras")}
            placeholder={t("timeline.page.cameras")}
            data={seen.map((one) => ({ value: one.id, label: one.name }))}
            value={chosen.map((one) => one.id)}
            onChange={(ids) =>
              setSearch(
                (held) => {
                  const next = new URLSearchParams(held);
                  next.delete("camera");
                  for (const id of ids.length > 0 ? ids : ["-"]) next.append("camera", id);
                  return next;
                },
                { replace: true },
              )
            }
            maxValues={MOST}
            searchable
            hidePickedOptions
            maw={640}
          />
        }
      />
      <Await query={query} rows={6}>
        {seen.length === 0 ? (
          <Empty what={t("timeline.page.nothing")} />
        ) : chosen.length === 0 ? (
          <Empty what={t("timeline.page.none")} next={t("timeline.page.none.next")} />
        ) : (
          <Chosen key={key} cameras={chosen} />
        )}
      </Await>
    </>
  );
}

/** Holds the list still while the same cameras are chosen, since everything below follows it. */
function Chosen({ cameras }: { cameras: readonly Camera[] }) {
  const [held] = useState(cameras);
  return <InStep cameras={held} />;
}
