import { SegmentedControl } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { api, take } from "../../api/client";
import type { Camera, RtspAddresses } from "../../api/types";
import { useCan } from "../../app/session";
import { Command } from "../../parts/Command";
import { Panel } from "../../parts/Panel";
import { Failure } from "../../parts/States";
import { t } from "../../text/t";
import { recordedPath } from "./rtsp";

function Shown({ told }: { told: RtspAddresses }) {
  const [chosen, setChosen] = useState(told.doors[0]?.scheme ?? "rtsps");
  const [now] = useState(() => Date.now());
  const door = told.doors.find((one) => one.scheme === chosen);
  if (!door) return null;
  const root = `${door.scheme}://${window.location.hostname}:${door.port}`;
  return (
    <div className="stack">
      {told.doors.length > 1 ? (
        <SegmentedControl
          aria-label={t("rtsp.title")}
          data={told.doors.map(({ scheme }) => ({ value: scheme, label: scheme === "rtsps" ? t("rtsp.tls") : t("rtsp.plain") }))}
          value={chosen}
          onChange={(value) => setChosen(value === "rtsp" ? "rtsp" : "rtsps")}
        />
      ) : null}
      {door.open ? null : <p style={{ margin: 0 }}>{t("rtsp.shut", { port: door.port })}</p>}
      <div>{t("rtsp.live")}</div>
      <Command text={root + told.live} label={t("rtsp.live")} />
      <div>{t("rtsp.recorded")}</div>
      <Command text={root + recordedPath(told.recorded, now)} label={t("rtsp.recorded")} />
      <p className="dim" style={{ margin: 0 }}>
        {t("rtsp.recorded.about")} {t("rtsp.about")}
      </p>
    </div>
  );
}

/** The addresses under which other systems pull this camera. */
export function RtspOut({ camera }: { camera: Camera }) {
  const can = useCan();
  const may = can("camera.live", { ref: `camera:${camera.id}`, area: camera.area, tags: camera.tags });
  const query = useQuery<RtspAddresses>({
    queryKey: ["rtsp", camera.id],
    queryFn: ({ signal }) => take(api.GET("/api/v1/cameras/{id}/rtsp", { params: { path: { id: camera.id } }, signal })),
    enabled: may,
  });
  if (!may) return null;
  return (
    <Panel title={t("rtsp.title")}>
      {query.data?.enabled ? <Shown told={query.data} /> : null}
      {query.data && !query.data.enabled ? (
        <p className="dim" style={{ margin: 0 }}>
          {t("rtsp.off")}
        </p>
      ) : null}
      {query.error ? <Failure error={query.error} /> : null}
    </Panel>
  );
}
