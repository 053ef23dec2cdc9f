import { useQuery } from "@tanstack/react-query";
import { Link, useParams, useSearchParams } from "react-router";

import { api, take } from "../../api/client";
import { useEntity } from "../../api/hooks";
import type { Camera } from "../../api/types";
import { useStatus } from "../../live/status";
import { EditLink } from "../../parts/EditLink";
import { EntityLink } from "../../parts/EntityLink";
import { StateTag } from "../../parts/Mark";
import { PageTabs, useTab } from "../../parts/PageTabs";
import { PageHead, Panel } from "../../parts/Panel";
import { RecentEvents } from "../../parts/RecentEvents";
import { Await } from "../../parts/States";
import { Time } from "../../parts/Time";
import { pictureName, soundName } from "../../player/codecs";
import { rate } from "../../site/units";
import { t } from "../../text/t";
import { Control } from "./Control";
import { Health } from "./Health";
import { CameraHistory } from "./History";
import { Imaging } from "./Imaging";
import { Multicast } from "./Multicast";
import { Publishing } from "./Publishing";
import { Ptz } from "./Ptz";
import { Recording } from "./Recording";
import { RtspOut } from "./RtspOut";
import { Talk } from "./Talk";
import { Viewer } from "./Viewer";

/** What the status says of the sound: its codec, or why there is none. */
function sound(said: string): string {
  if (said === "off") return t("camera.sound.off");
  return soundName(said) ?? t("camera.sound.none", { reason: said });
}

function Facts({ camera }: { camera: Camera }) {
  const status = useStatus(`camera:${camera.id}`) ?? camera.status ?? undefined;
  const doors = useQuery({
    queryKey: ["list", "door", { camera: camera.id }],
    queryFn: ({ signal }) => take(api.GET("/api/v1/doors", { params: { query: { camera: camera.id, limit: 100 } }, signal })),
  });
  const data = status?.data ?? {};
  return (
    <Panel title={t("camera.now")}>
      <dl className="facts">
        <dt>{t("cameras.state")}</dt>
        <dd>
          <StateTag status={status} />
          {status?.detail ? <div>{status.detail}</div> : null}
        </dd>
        {status ? (
          <>
            <dt>{t("doors.since")}</dt>
            <dd>
              <Time us={status.since} />
            </dd>
          </>
        ) : null}
        <dt>{t("cameras.recording.head")}</dt>
        <dd>{data.recording === true ? t("cameras.recording") : camera.record ? t("cameras.notrecording") : t("cameras.off")}</dd>
        <dt>{t("cameras.rate")}</dt>
        <dd>{typeof data.bitrate === "number" ? rate(data.bitrate) : t("value.none")}</dd>
        <dt>{t("cameras.fps")}</dt>
        <dd>{typeof data.fps === "number" ? data.fps.toFixed(1) : t("value.none")}</dd>
        {typeof data.codec === "string" && data.codec !== "" ? (
          <>
            <dt>{t("camera.pictures")}</dt>
            <dd>
              {t("camera.pictures.of", {
                codec: pictureName(data.codec),
                width: Number(data.width),
                height: Number(data.height),
              })}
            </dd>
            <dt>{t("camera.sound")}</dt>
            <dd>{sound(typeof data.audio === "string" ? data.audio : "off")}</dd>
          </>
        ) : null}
        <dt>{t("camera.doors")}</dt>
        <dd>
          {doors.data?.items.length === 0 ? t("camera.doors.none") : null}
          {(doors.data?.items ?? []).map((door) => (
            <div key={door.id}>
              <Link to={`/doors/${door.id}`}>{door.name}</Link>
            </div>
          ))}
        </dd>
        {camera.area ? (
          <>
            <dt>{t("field.area")}</dt>
            <dd>
              <EntityLink to={`area:${camera.area}`} />
            </dd>
          </>
        ) : null}
        <dt>{t("cameras.address")}</dt>
        <dd className={camera.url ? "mono" : undefined}>{camera.url || t("camera.publishes")}</dd>
        <dt>{t("camera.keep")}</dt>
        <dd>{t("camera.keep.days", { n: camera.retention_days })}</dd>
      </dl>
    </Panel>
  );
}

export function CameraPage() {
  const { id = "" } = useParams();
  const [search] = useSearchParams();
  const query = useEntity<Camera>("camera", id);
  const camera = query.data;
  const tab = useTab();
  return (
    <Await query={query} rows={8}>
      {camera ? (
        <>
          <PageHead title={camera.name} actions={<EditLink kind="camera" id={id} />} />
          <PageTabs />
          {tab === "history" ? <CameraHistory camera={camera} /> : null}
          {tab === "now" ? (
            <div className="columns">
              <div className="stack loose">
                <Viewer key={`${id} ${search.get("at") ?? ""}`} camera={camera} />
                <div className="stack late">
                  <Recording camera={camera} />
                  <Health camera={camera} />
                  <Multicast camera={camera} />
                  <RtspOut camera={camera} />
                </div>
              </div>
              <div className="stack loose">
                <Ptz camera={camera} />
                {camera.driver === "rtmp" ? null : <Talk key={`talk ${id}`} camera={camera} />}
                <Facts camera={camera} />
                {camera.driver === "rtmp" ? <Publishing key={`publish ${id}`} camera={camera} /> : null}
                <Control camera={camera} />
                <Imaging camera={camera} />
                <RecentEvents title={t("camera.events")} entity={`camera:${id}`} limit={15} />
              </div>
            </div>
          ) : null}
        </>
      ) : null}
    </Await>
  );
}
