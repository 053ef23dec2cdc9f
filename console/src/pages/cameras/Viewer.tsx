import { ActionIcon, Button, SegmentedControl, Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useCallback, useMemo, useRef, useState } from "react";
import { useSearchParams } from "react-router";

import { api, take } from "../../api/client";
import { useKeys } from "../../app/keys";
import { useCan, useZone } from "../../app/session";
import type { Camera } from "../../api/types";
import { Download } from "../../parts/Download";
import { Icon } from "../../parts/Icon";
import { Panel } from "../../parts/Panel";
import { Failure } from "../../parts/States";
import { Live } from "../../player/Live";
import { Playback, type PlaybackHandle } from "../../player/Playback";
import { snapshotAddress, thumbnailAddress } from "../../player/snapshot";
import { Timeline } from "../../player/Timeline";
import { around, gapAt, join, neighbour, type Gap, type Held, type Span } from "../../player/timeline";
import { t } from "../../text/t";
import { useNow } from "../../time/ticker";
import { fromField, stamp, toField } from "../../time/zone";
import { Export } from "./Export";
import { GapFill } from "./GapFill";
import styles from "./Viewer.module.css";

const LENGTHS = [
  ["600", "timeline.10min"],
  ["3600", "timeline.1h"],
  ["21600", "timeline.6h"],
  ["86400", "timeline.24h"],
] as const;
const SPEEDS = ["0.5", "1", "2", "4", "8"];
const EXPORT_MS = 60_000;

interface Known {
  recordings: Span[];
  gaps: Gap[];
  held: Held[];
  filled: Span[];
  known: boolean;
  error: unknown;
}

function useRecordings(camera: string, window: Span): Known {
  // Asked for in whole windows either side, so that scrolling and the passing of time do not ask at each step.
  const unit = Math.max(60_000, window.end - window.start);
  const start = Math.floor((window.start - unit / 2) / unit) * unit;
  const end = Math.ceil((window.end + unit / 2) / unit) * unit;
  const query = useQuery({
    queryKey: ["recordings", camera, start, end],
    queryFn: ({ signal }) =>
      take(
        api.GET("/api/v1/cameras/{id}/recordings", {
          params: { path: { id: camera }, query: { start: start * 1000, end: end * 1000 } },
          signal,
        }),
      ),
    refetchInterval: 10_000,
    placeholderData: (held) => held,
  });
  const recordings = useMemo(
    () => join((query.data?.items ?? []).map((r) => ({ start: r.start / 1000, end: r.end / 1000, codec: r.codec }))),
    [query.data],
  );
  const gaps = useMemo(
    () =>
      (query.data?.gaps ?? []).map((gap) => ({
        start: gap.start / 1000,
        end: gap.end / 1000,
        reason: gap.reason,
        detail: gap.detail,
      })),
    [query.data],
  );
  const held = useMemo(
    () => (query.data?.locks ?? []).map((one) => ({ start: one.start / 1000, end: one.end / 1000, reason: one.reason })),
    [query.data],
  );
  const filled = useMemo(
    () => (query.data?.filled ?? []).map((one) => ({ start: one.start / 1000, end: one.end / 1000 })),
    [query.data],
  );
  return { recordings, gaps, held, filled, known: query.data !== undefined && !query.isPlaceholderData, error: query.error };
}

/** A camera's picture, live or recorded, with its timeline. */
export function Viewer({ camera }: { camera: Camera }) {
  const zone = useZone();
  const now = useNow();
  const can = useCan();
  const [search] = useSearchParams();
  const asked = Number(search.get("at"));
  const [from, setFrom] = useState<{ at: number } | null>(asked > 0 ? { at: asked } : null);
  const [at, setAt] = useState(asked);
  const [paused, setPaused] = useState(false);
  const [speed, setSpeed] = useState("1");
  const [length, setLength] = useState(asked > 0 ? 600 : 3600);
  const [center, setCenter] = useState<number | null>(asked > 0 ? asked : null);
  const player = useRef<PlaybackHandle>(null);
  const window = around(center ?? now, length * 1000, now);
  const { recordings, gaps, held, filled, known, error } = useRecordings(camera.id, window);
  const subject = { ref: `camera:${camera.id}`, area: camera.area, tags: camera.tags };
  const mayPlay = can("camera.playback", subject);

  const seek = useCallback((ms: number) => {
    if (ms >= Date.now() - 1000) {
      setFrom(null);
      return;
    }
    setFrom({ at: ms });
    setAt(ms);
    setCenter((held) => held ?? ms);
  }, []);
  const goLive = useCallback(() => {
    setFrom(null);
    setCenter(null);
  }, []);
  const step = useCallback(
    (direction: 1 | -1) => {
      const next = neighbour(recordings, from ? at : Date.now(), direction);
      if (next !== null) seek(next);
    },
    [recordings, from, at, seek],
  );
  const zoom = (factor: number, moment: number): void => {
    setLength(Math.round(Math.min(7 * 86_400, Math.max(60, length * factor))));
    setCenter(moment);
  };

  useKeys(
    useCallback(
      (key) => {
        if (key === " " && from) player.current?.toggle();
        else if (key === "ArrowLeft") seek((from ? at : Date.now()) - 10_000);
        else if (key === "ArrowRight" && from) seek(at + 10_000);
        else if (key === ",") step(-1);
        else if (key === ".") step(1);
        else if (key === "l") goLive();
        else return false;
        return true;
      },
      [from, at, seek, step, goLive],
    ),
  );

  const shown = from ? at : now;
  const exported = `/api/v1/cameras/${encodeURIComponent(camera.id)}/playback.mp4?start=${Math.round(at * 1000)}&end=${Math.round((at + EXPORT_MS) * 1000)}`;
  return (
    <Panel
      title={from ? t("viewer.recorded") : t("video.live")}
      flush
      actions={
        <>
          <span className={styles.clock}>{stamp(shown, zone, now)}</span>
          <Download
            href={from ? thumbnailAddress(camera.id, at) : snapshotAddress(camera.id)}
            label={t("viewer.picture")}
            title={t(from ? "viewer.picture.recorded" : "viewer.picture.live")}
          />
          <Export camera={camera} at={shown} />
          {from ? (
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
      {from ? (
        <Playback
          ref={player}
          camera={camera.id}
          name={camera.name}
          from={from}
          speed={Number(speed)}
          recordings={known ? recordings : null}
          onTime={setAt}
          onPaused={setPaused}
          onEnd={goLive}
        />
      ) : (
        <Live camera={camera.id} name={camera.name} />
      )}
      {mayPlay ? (
        <>
          <div className={styles.controls}>
            <ActionIcon
              onClick={() => step(-1)}
              disabled={neighbour(recordings, shown, -1) === null}
              aria-label={t("viewer.previous")}
              title={t("viewer.previous")}
            >
              <Icon name="back" />
            </ActionIcon>
            <ActionIcon
              onClick={() => (from ? player.current?.toggle() : seek(Date.now() - 10_000))}
              aria-label={paused || !from ? t("viewer.play") : t("viewer.pause")}
            >
              <Icon name={paused || !from ? "play" : "pause"} />
            </ActionIcon>
            <ActionIcon
              onClick={() => step(1)}
              disabled={neighbour(recordings, shown, 1) === null}
              aria-label={t("viewer.next")}
              title={t("viewer.next")}
            >
              <Icon name="forward" />
            </ActionIcon>
            <Button variant="default" size="compact-xs" onClick={() => seek(shown - 10_000)}>
              {t("viewer.back10")}
            </Button>
            <Select
              aria-label={t("viewer.speed")}
              w={76}
              value={speed}
              onChange={(value) => setSpeed(value ?? "1")}
              data={SPEEDS.map((value) => ({ value, label: `${value} ×` }))}
              allowDeselect={false}
              disabled={!from}
            />
            <input
              className={styles.when}
              type="datetime-local"
              step="1"
              aria-label={t("viewer.when", { zone })}
              value={toField(shown, zone)}
              onChange={(event) => {
                const ms = fromField(event.currentTarget.value, zone);
                if (ms !== null) {
                  seek(ms);
                  setCenter(ms);
                }
              }}
            />
            <span className="grow" />
            <SegmentedControl
              aria-label={t("timeline.length")}
              value={String(length)}
              onChange={(value) => setLength(Number(value))}
              data={LENGTHS.map(([value, text]) => ({ value, label: t(text) }))}
            />
          </div>
          {error ? (
            <Failure error={error} />
          ) : (
            <Timeline
              window={window}
              recordings={recordings}
              gaps={gaps}
              held={held}
              filled={filled}
              at={from ? at : null}
              now={now}
              onSeek={seek}
              onZoom={zoom}
            />
          )}
          <GapFill camera={camera} gap={from ? gapAt(gaps, from.at) : null} />
        </>
      ) : null}
    </Panel>
  );
}
