import { Button, SegmentedControl } from "@mantine/core";
import { useCallback, useMemo, useRef, useState } from "react";
import { Link, useSearchParams } from "react-router";

import { useKeys } from "../../app/keys";
import { useCan, useZone } from "../../app/session";
import type { Camera } from "../../api/types";
import { Download } from "../../parts/Download";
import { Icon } from "../../parts/Icon";
import { Panel } from "../../parts/Panel";
import { Failure } from "../../parts/States";
import { Live } from "../../player/Live";
import { Playback, type PlaybackHandle } from "../../player/Playback";
import { useLanes, useRecordings } from "../../player/recordings";
import { snapshotAddress, thumbnailAddress } from "../../player/snapshot";
import { Timeline } from "../../player/Timeline";
import { around, gapAt, LENGTHS } from "../../player/timeline";
import { pressed, Transport } from "../../player/Transport";
import { useSkip } from "../../player/useClock";
import { Zoom } from "../../player/Zoom";
import { useControls, useEnd, usePlayerClock } from "../../player/usePlayer";
import { t } from "../../text/t";
import { useNow } from "../../time/ticker";
import { stamp } from "../../time/zone";
import { Export } from "./Export";
import { GapFill } from "./GapFill";
import styles from "./Viewer.module.css";

const EXPORT_MS = 60_000;
const NOTHING: never[] = [];

/** A camera's picture, live or recorded, with its timeline. */
export function Viewer({ camera }: { camera: Camera }) {
  const zone = useZone();
  const now = useNow();
  const can = useCan();
  const [search] = useSearchParams();
  const asked = Number(search.get("at"));
  const [recorded, setRecorded] = useState(asked > 0);
  const clock = usePlayerClock(asked > 0 ? asked : now, asked > 0);
  const [length, setLength] = useState(asked > 0 ? 600 : 3600);
  const [center, setCenter] = useState<number | null>(asked > 0 ? asked : null);
  const player = useRef<PlaybackHandle>(null);
  const cameras = useMemo(() => [camera.id], [camera.id]);
  const window = around(center ?? now, length * 1000, now);
  const { known, error } = useRecordings(cameras, window);
  const recordings = useMemo(() => known[0]?.recordings ?? [], [known]);
  const gaps = known[0]?.gaps;
  const subject = { ref: `camera:${camera.id}`, area: camera.area, tags: camera.tags };
  const mayPlay = can("camera.playback", subject);

  const goLive = useCallback(() => {
    setRecorded(false);
    setCenter(null);
    clock.pause(true, performance.now());
    clock.setSpeed(1, performance.now());
  }, [clock]);
  const seek = useCallback(
    (ms: number) => {
      if (ms >= Date.now() - 1000) {
        goLive();
        return;
      }
      clock.seek(ms, performance.now());
      if (!recorded) clock.pause(false, performance.now());
      setRecorded(true);
      setCenter((held) => held ?? ms);
    },
    [clock, goLive, recorded],
  );
  const step = useCallback((way: 1 | -1) => void player.current?.step(way), []);
  const controls = useControls(clock, { recordings, recorded, now, seek, step });
  const { at } = controls;
  const lanes = useLanes(known, at);
  const end = useEnd(
    clock,
    cameras,
    useCallback(() => (clock.speed < 0 ? clock.pause(true, performance.now()) : goLive()), [clock, goLive]),
  );
  useSkip(clock, { lanes: recorded ? lanes : NOTHING, known, asked: asked > 0 }, end);
  if (recorded && (at < window.start || at > window.end) && center !== at) setCenter(at);
  const zoom = (factor: number, moment: number): void => {
    setLength(Math.round(Math.min(7 * 86_400, Math.max(60, length * factor))));
    setCenter(moment);
  };

  useKeys(
    useCallback(
      (key) => {
        if (key !== "l") return pressed(key, controls);
        goLive();
        return true;
      },
      [controls, goLive],
    ),
  );

  const shown = recorded ? at : now;
  const exported = `/api/v1/cameras/${encodeURIComponent(camera.id)}/playback.mp4?start=${Math.round(at * 1000)}&end=${Math.round((at + EXPORT_MS) * 1000)}`;
  return (
    <Panel
      title={recorded ? t("viewer.recorded") : t("video.live")}
      flush
      actions={
        <>
          <span className={styles.clock}>{stamp(shown, zone, now)}</span>
          <Download
            href={recorded ? thumbnailAddress(camera.id, at) : snapshotAddress(camera.id)}
            label={t("viewer.picture")}
            title={t(recorded ? "viewer.picture.recorded" : "viewer.picture.live")}
          />
          <Export camera={camera} at={shown} />
          {recorded ? (
            <>
              <Button
                component="a"
                href={exported}
                download={`${camera.id}.mp4`}
                variant="default"
                leftSection={<Icon name="download" size={14} />}
              >
                {t("viewer.export")}
              </Button>
              <Button variant="default" onClick={goLive}>
                {t("viewer.golive")}
              </Button>
            </>
          ) : null}
        </>
      }
    >
      {recorded ? (
        <Zoom>
          <Playback ref={player} camera={camera.id} name={camera.name} clock={clock} recordings={lanes[0] ?? null} gaps={gaps} />
        </Zoom>
      ) : (
        <Live camera={camera.id} name={camera.name} second={camera.sub_url !== ""} />
      )}
      {mayPlay ? (
        <>
          <Transport controls={controls}>
            <Link to={`/timeline?camera=${encodeURIComponent(camera.id)}${recorded ? `&at=${Math.round(at)}` : ""}`}>
              {t("viewer.timeline")}
            </Link>
            <SegmentedControl
              aria-label={t("timeline.length")}
              value={String(length)}
              onChange={(value) => setLength(Number(value))}
              data={LENGTHS.map(([value, text]) => ({ value, label: t(text) }))}
            />
          </Transport>
          {error ? (
            <Failure error={error} />
          ) : (
            <Timeline
              window={window}
              recordings={recordings}
              gaps={gaps}
              held={known[0]?.held}
              filled={known[0]?.filled}
              camera={camera.id}
              at={recorded ? at : null}
              now={now}
              onSeek={seek}
              onZoom={zoom}
            />
          )}
          <GapFill camera={camera} gap={recorded && gaps ? gapAt(gaps, at) : null} />
        </>
      ) : null}
    </Panel>
  );
}
