import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";

import { api, take } from "../../api/client";
import type { VideoStorage } from "../../api/types";
import { useCan } from "../../app/session";
import { Mark } from "../../parts/Mark";
import { PageHead, Panel } from "../../parts/Panel";
import { Await, Empty } from "../../parts/States";
import { Time } from "../../parts/Time";
import { size } from "../../site/units";
import { t, word } from "../../text/t";
import { Backups } from "./Backups";

const EVERY_MS = 30_000;
const FAULTS = new Set(["camera-lost", "disk-full", "disk-failed", "disk-slow", "volume-gone"]);

type Volume = VideoStorage["volumes"][number];

/** How long recordings stay on a volume. */
function keep(volume: Volume): string {
  if (!volume.next_tier) return t("storage.keep.end");
  const tier = word("storage.tier", volume.next_tier);
  return volume.keep_days ? t("storage.keep.days", { n: volume.keep_days, tier }) : t("storage.keep.full", { tier });
}

/** How much is free; nobody knows the end of a bucket. */
function Room({ volume }: { volume: Volume }) {
  if (!volume.total) return t("value.none");
  return (
    <>
      {t("storage.of", { held: size(volume.free), most: size(volume.total) })}
      <div className="dim">{t("storage.spare", { spare: size(volume.min_free) })}</div>
    </>
  );
}

function Full({ volume }: { volume: Volume }) {
  if (volume.state === "gone" || !volume.records) return t("value.none");
  if (volume.full_at) return <Time us={volume.full_at} short />;
  return volume.next_tier ? t("storage.full.moves") : t("storage.full.never");
}

function Volumes({ volumes }: { volumes: VideoStorage["volumes"] }) {
  return (
    <div className="tablebox">
      <table className="plain">
        <thead>
          <tr>
            <th>{t("storage.disk")}</th>
            <th>{t("storage.state")}</th>
            <th className="num">{t("storage.free")}</th>
            <th className="num">{t("storage.held")}</th>
            <th className="num">{t("storage.oldest")}</th>
            <th>{t("storage.keep")}</th>
            <th className="num wide-only">{t("storage.cameras.on")}</th>
            <th>{t("storage.full")}</th>
          </tr>
        </thead>
        <tbody>
          {volumes.map((one) => (
            <tr key={one.id}>
              <td style={{ minWidth: 160 }}>
                {one.id} <span className="dim">{word("storage.tier", one.tier)}</span>
                <div className="mono dim">{one.path}</div>
              </td>
              <td style={{ minWidth: 150 }}>
                {one.state === "ok" ? null : <Mark severity={3} />} {word("storage.state", one.state)}
                {one.detail ? <div className="dim">{one.detail}</div> : null}
                {one.undeleted > 0 ? (
                  <div>
                    <Mark severity={3} /> {t("storage.undeleted", { n: one.undeleted })}
                    <div className="dim">{one.undeleted_detail}</div>
                  </div>
                ) : null}
                {one.records || one.state === "gone" ? null : <div className="dim">{t("storage.retired")}</div>}
              </td>
              <td className="num">
                <Room volume={one} />
              </td>
              <td className="num">
                {one.max_bytes ? t("storage.of", { held: size(one.held), most: size(one.max_bytes) }) : size(one.held)}
              </td>
              <td className="num">{one.oldest ? <Time us={one.oldest} short /> : t("value.none")}</td>
              <td>{keep(one)}</td>
              <td className="num wide-only">{one.cameras}</td>
              <td>
                <Full volume={one} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Cameras({ cameras }: { cameras: VideoStorage["cameras"] }) {
  if (cameras.length === 0) return <Empty what={t("storage.none")} next={t("cameras.none.next")} />;
  return (
    <div className="tablebox">
      <table className="plain">
        <thead>
          <tr>
            <th>{t("storage.camera")}</th>
            <th>{t("storage.now")}</th>
            <th>{t("record.mode")}</th>
            <th className="num">{t("storage.oldest")}</th>
            <th className="num">{t("storage.days")}</th>
            <th className="num">{t("storage.takes")}</th>
            <th className="num">{t("storage.daily")}</th>
            <th className="wide-only">{t("storage.disk")}</th>
            <th className="num wide-only">{t("storage.most")}</th>
            <th className="wide-only">{t("storage.priority")}</th>
            <th className="num wide-only">{t("storage.locks")}</th>
          </tr>
        </thead>
        <tbody>
          {cameras.map((one) => (
            <tr key={one.camera}>
              <td>
                <Link to={`/cameras/${one.camera}`}>{one.name}</Link>
              </td>
              <td>
                {one.recording ? (
                  t("cameras.recording")
                ) : (
                  <>
                    {FAULTS.has(one.gap) ? <Mark severity={2} /> : null} {word("gap", one.gap || "unknown")}
                    {one.detail ? <div className="dim">{one.detail}</div> : null}
                  </>
                )}
              </td>
              <td>{word("mode", one.mode)}</td>
              <td className="num">{one.oldest ? <Time us={one.oldest} short /> : t("value.none")}</td>
              <td className="num">{t("camera.keep.days", { n: one.days })}</td>
              <td className="num">{size(one.bytes)}</td>
              <td className="num">{size(one.daily)}</td>
              <td className="wide-only">{one.volume || t("value.none")}</td>
              <td className="num wide-only">{one.max_bytes ? size(one.max_bytes) : t("value.none")}</td>
              <td className="wide-only">{one.priority}</td>
              <td className="num wide-only">{one.locks}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** What is kept of each camera and for how long, how full the disks are, and when they will be. */
export function Storage() {
  const can = useCan();
  const query = useQuery<VideoStorage>({
    queryKey: ["storage"],
    queryFn: ({ signal }) => take(api.GET("/api/v1/storage", { signal })),
    refetchInterval: EVERY_MS,
  });
  const found = query.data;
  return (
    <>
      <PageHead title={t("nav.storage")} />
      <Await query={query} rows={6}>
        {found ? (
          <div className="stack">
            {found.silent.length > 0 ? (
              <p role="alert">
                <Mark severity={2} /> {t("storage.silent", { names: found.silent.join(", ") })}
              </p>
            ) : null}
            <Panel title={t("storage.disks")} flush>
              <Volumes volumes={found.volumes} />
            </Panel>
            <Panel title={t("storage.cameras")} count={found.cameras.length} flush>
              <Cameras cameras={found.cameras} />
            </Panel>
            {can("system.get") ? <Backups /> : null}
          </div>
        ) : null}
      </Await>
    </>
  );
}
