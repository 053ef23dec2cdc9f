import { Button } from "@mantine/core";
import { useState } from "react";
import { Link } from "react-router";

import { useAll } from "../../api/hooks";
import { useCan } from "../../app/session";
import type { Camera } from "../../api/types";
import { useStatuses } from "../../live/status";
import { Mark, StateTag } from "../../parts/Mark";
import { PageHead, Panel } from "../../parts/Panel";
import { Await, Empty } from "../../parts/States";
import { Age } from "../../parts/Time";
import { Snapshot } from "../../player/Snapshot";
import { severityOf } from "../../site/severity";
import { rate } from "../../site/units";
import { t, word } from "../../text/t";
import { AddCamera } from "./AddCamera";

export function Cameras() {
  const query = useAll<Camera>("camera");
  const statuses = useStatuses();
  const can = useCan();
  const [adding, setAdding] = useState(false);
  const rows = (query.data ?? [])
    .map((camera) => ({ camera, status: statuses.get(`camera:${camera.id}`) ?? camera.status ?? undefined }))
    .sort((a, b) => severityOf(b.status) - severityOf(a.status) || a.camera.name.localeCompare(b.camera.name));
  const add = can("camera.create") ? <Button onClick={() => setAdding(true)}>{t("cameras.add")}</Button> : null;
  return (
    <>
      <PageHead title={t("nav.cameras")} actions={add} />
      <AddCamera opened={adding} onClose={() => setAdding(false)} />
      <Panel title={t("cameras.all")} count={query.data?.length} flush actions={<Link to="/wall">{t("nav.wall")}</Link>}>
        <Await query={query}>
          {rows.length === 0 ? (
            <Empty what={t("cameras.none")} next={t("cameras.none.next")} action={add} />
          ) : (
            <div className="tablebox">
              <table className="plain">
                <thead>
                  <tr>
                    <th>{t("cameras.picture")}</th>
                    <th>{t("cameras.camera")}</th>
                    <th>{t("cameras.state")}</th>
                    <th>{t("cameras.recording.head")}</th>
                    <th className="num">{t("cameras.rate")}</th>
                    <th className="num wide-only">{t("cameras.fps")}</th>
                    <th className="wide-only">{t("cameras.address")}</th>
                    <th className="num wide-only">{t("doors.since")}</th>
                  </tr>
                </thead>
                <tbody>
                  {rows.map(({ camera, status }) => (
                    <tr key={camera.id}>
                      <td>
                        {can("camera.live", { ref: `camera:${camera.id}`, area: camera.area, tags: camera.tags }) ? (
                          <Snapshot
                            camera={camera.id}
                            name={camera.name}
                            live={status?.state === "online" || status?.state === "degraded"}
                            state={status ? word("state", status.state) : t("state.unknown")}
                          />
                        ) : null}
                      </td>
                      <td>
                        <Link to={`/cameras/${camera.id}`}>{camera.name}</Link>
                      </td>
                      <td>
                        <StateTag status={status} />
                        {status?.detail ? <div className="dim">{status.detail}</div> : null}
                        {Array.isArray(status?.data.poor) && status.data.poor.length > 0 ? (
                          <div className="row">
                            <Mark severity={1} label={t("health.bad")} />{" "}
                            {status.data.poor.map((figure) => word("poor", String(figure))).join(" · ")}
                          </div>
                        ) : null}
                      </td>
                      <td>
                        {status?.data.recording === true
                          ? t("cameras.recording")
                          : camera.record
                            ? t("cameras.notrecording")
                            : t("cameras.off")}
                      </td>
                      <td className="num">
                        {typeof status?.data.bitrate === "number" ? rate(status.data.bitrate) : t("value.none")}
                      </td>
                      <td className="num wide-only">
                        {typeof status?.data.fps === "number" ? status.data.fps.toFixed(0) : t("value.none")}
                      </td>
                      <td className={camera.url ? "wide-only mono" : "wide-only"}>{camera.url || t("camera.publishes")}</td>
                      <td className="num wide-only">{status ? <Age us={status.since} /> : null}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          )}
        </Await>
      </Panel>
    </>
  );
}
