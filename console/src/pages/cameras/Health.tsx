import { useQuery } from "@tanstack/react-query";

import { api, take } from "../../api/client";
import type { Camera, CameraHealth, StreamHealth } from "../../api/types";
import { Mark } from "../../parts/Mark";
import { Panel } from "../../parts/Panel";
import { Await } from "../../parts/States";
import { Time } from "../../parts/Time";
import { rate, span } from "../../site/units";
import { t, word } from "../../text/t";
import styles from "./Health.module.css";
import { spark } from "./spark";

const EVERY_MS = 5000;
const HOUR_US = 3_600_000_000;
const WIDTH = 240;
const HEIGHT = 40;
const INTERRUPTIONS = 5;
type Figure = StreamHealth["poor"][number]["figure"];
/** The decimals that tell a figure from its limit. */
const DECIMALS: Record<Figure, number> = { loss: 2, jitter: 0, "frame-rate": 1, bitrate: 2, clock: 2 };

function Chart({
  title,
  now,
  values,
  least,
  shown,
  health,
  stream,
}: {
  title: string;
  now: number;
  values: readonly number[];
  least: number;
  shown: (value: number) => string;
  health: CameraHealth;
  stream: StreamHealth;
}) {
  const { times, step } = stream.history;
  const window = { start: health.time - HOUR_US, end: health.time, step, width: WIDTH, height: HEIGHT, least };
  const { path, top } = spark(times, values, window);
  return (
    <div className={styles.chart}>
      <div className={styles.said}>
        <span className="dim">{title}</span>
        <span>{shown(now)}</span>
      </div>
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={t("health.chart", { title, now: shown(now), top: shown(top) })}
      >
        <path d={path} />
      </svg>
      <div className={styles.said}>
        <span className="dim">{t("health.hour")}</span>
        <span className="dim">{t("health.top", { value: shown(top) })}</span>
      </div>
    </div>
  );
}

function Marked({ bad, children }: { bad: boolean; children: string }) {
  return bad ? (
    <span className="row">
      <Mark severity={1} label={t("health.bad")} /> {children}
    </span>
  ) : (
    <>{children}</>
  );
}

function Stream({ health, stream }: { health: CameraHealth; stream: StreamHealth }) {
  const { history } = stream;
  const poor = new Set(stream.poor.map((one) => one.figure));
  const online = stream.state === "online";
  const chart = { health, stream };
  return (
    <div className="stack">
      {stream.instead_until > 0 ? (
        <p>
          <Marked bad>{t("health.instead", { reason: stream.instead_reason })}</Marked>{" "}
          <span className="dim">
            {t("health.instead.until")} <Time us={stream.instead_until} short />
          </span>
        </p>
      ) : null}
      {stream.poor.length > 0 ? (
        <ul className={styles.poor} aria-label={t("health.poor")}>
          {stream.poor.map((one) => (
            <li key={one.figure}>
              <Marked bad>{poorSaid(one)}</Marked>{" "}
              <span className="dim">
                {t("health.poor.since")} <Time us={one.since} short />
              </span>
            </li>
          ))}
        </ul>
      ) : null}
      {history.times.length > 0 ? (
        <div className={styles.charts}>
          <Chart {...chart} title={t("cameras.rate")} now={stream.bitrate} values={history.bitrate} least={1} shown={rate} />
          <Chart
            {...chart}
            title={t("cameras.fps")}
            now={stream.fps}
            values={history.fps}
            least={1}
            shown={(value) => value.toFixed(1)}
          />
          <Chart
            {...chart}
            title={t("health.loss")}
            now={stream.loss}
            values={history.loss}
            least={1}
            shown={(value) => t("health.percent", { n: value.toFixed(value < 10 ? 2 : 0) })}
          />
          <Chart
            {...chart}
            title={t("health.jitter")}
            now={stream.jitter ?? 0}
            values={history.jitter}
            least={10}
            shown={(value) => t("health.ms", { n: value.toFixed(1) })}
          />
        </div>
      ) : null}
      <dl className="facts">
        {online ? (
          <>
            <dt>{t("health.transport")}</dt>
            <dd>{word("way", stream.transport)}</dd>
            <dt>{t("health.lost")}</dt>
            <dd>
              <Marked bad={poor.has("loss")}>{t("health.lost.of", { lost: stream.lost, reordered: stream.reordered })}</Marked>
            </dd>
            {stream.key_requests > 0 ? (
              <>
                <dt>{t("health.asked")}</dt>
                <dd>{stream.key_requests}</dd>
              </>
            ) : null}
            <dt>{t("health.gop")}</dt>
            <dd>
              {stream.gop_frames > 0
                ? t("health.gop.of", { frames: stream.gop_frames, seconds: stream.gop_seconds.toFixed(2) })
                : t("value.none")}
            </dd>
            <dt>{t("health.clock")}</dt>
            <dd>
              {stream.clock_offset === null ? (
                t("health.clock.unknown")
              ) : (
                <Marked bad={poor.has("clock")}>{clockSaid(stream.clock_offset)}</Marked>
              )}
            </dd>
          </>
        ) : null}
        <dt>{t("health.restarts")}</dt>
        <dd>
          {stream.restarts === 0 ? t("health.restarts.none") : stream.restarts}
          {stream.interruptions.slice(0, INTERRUPTIONS).map((one) => (
            <div key={one.time}>
              <Time us={one.time} short />{" "}
              <span className="dim">
                {one.back ? t("health.gone", { span: span((one.back - one.time) / 1e6) }) : t("health.gone.still")} · {one.reason}
              </span>
            </div>
          ))}
        </dd>
      </dl>
    </div>
  );
}

/** A figure beyond its limit, with both. */
function poorSaid({ figure, value, limit }: StreamHealth["poor"][number]): string {
  const said = (n: number) => t(`health.poor.${figure}.unit`, { n: n.toFixed(DECIMALS[figure]) });
  return t(`health.poor.${figure}`, { value: said(value), limit: said(limit) });
}

/** How far a camera's clock is from ours, in words that say which way. */
function clockSaid(seconds: number): string {
  const far = Math.abs(seconds);
  if (far < 0.05) return t("health.clock.right");
  const said = far < 10 ? t("health.seconds", { n: far.toFixed(2) }) : span(far);
  return seconds > 0 ? t("health.clock.ahead", { said }) : t("health.clock.behind", { said });
}

/** How well a camera's streams arrive: now, over the last hour, and what interrupted them. */
export function Health({ camera }: { camera: Camera }) {
  const query = useQuery<CameraHealth>({
    queryKey: ["camera-health", camera.id],
    queryFn: ({ signal }) => take(api.GET("/api/v1/cameras/{id}/health", { params: { path: { id: camera.id } }, signal })),
    refetchInterval: EVERY_MS,
    enabled: camera.enabled && !camera.privacy,
  });
  if (!camera.enabled || camera.privacy) return null;
  const health = query.data;
  return (
    <Panel title={t("health.title")}>
      <Await query={query} rows={4}>
        {health?.streams.length === 0 ? <span className="dim">{t("health.none")}</span> : null}
        {health?.streams.map((stream) => (
          <div key={stream.stream} className="stack">
            {health.streams.length > 1 ? <strong>{t(stream.stream === "main" ? "health.main" : "health.sub")}</strong> : null}
            <Stream health={health} stream={stream} />
          </div>
        ))}
      </Await>
    </Panel>
  );
}
