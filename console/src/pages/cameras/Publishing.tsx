import { Button, SegmentedControl } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { api, take } from "../../api/client";
import type { Camera, PublishAddress } from "../../api/types";
import { useCan } from "../../app/session";
import { Command } from "../../parts/Command";
import { Panel } from "../../parts/Panel";
import { Failure } from "../../parts/States";
import { t } from "../../text/t";

function Address({ told }: { told: PublishAddress }) {
  const [chosen, setChosen] = useState(told.tls ? "rtmps" : "rtmp");
  const networks = told.plain_networks.join(", ");
  return (
    <>
      {told.tls ? (
        <SegmentedControl
          aria-label={t("publish.address")}
          data={[
            { value: "rtmps", label: t("rtsp.tls") },
            { value: "rtmp", label: t("rtsp.plain") },
          ]}
          value={chosen}
          onChange={setChosen}
        />
      ) : null}
      {chosen === "rtmp" && told.tls ? (
        <p style={{ margin: 0 }}>{networks ? t("publish.plain", { networks }) : t("publish.plain.none")}</p>
      ) : null}
      <div>{t("publish.address")}</div>
      <Command text={`${chosen}://${window.location.hostname}:${told.port}${told.path}`} label={t("publish.address")} />
    </>
  );
}

/** Where an encoder publishes this camera, and the key by which it proves itself. */
export function Publishing({ camera }: { camera: Camera }) {
  const can = useCan();
  const queries = useQueryClient();
  const [key, setKey] = useState("");
  const [asked, setAsked] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const query = useQuery<PublishAddress>({
    queryKey: ["publishing", camera.id],
    queryFn: ({ signal }) => take(api.GET("/api/v1/cameras/{id}/publishing", { params: { path: { id: camera.id } }, signal })),
  });
  const told = query.data;
  const may = can("camera.update", { ref: `camera:${camera.id}`, area: camera.area, tags: camera.tags });
  const renew = (): void => {
    setAsked(false);
    setError(null);
    take(api.POST("/api/v1/cameras/{id}/stream-key", { params: { path: { id: camera.id } } })).then((made) => {
      setKey(made.key);
      void queries.invalidateQueries();
    }, setError);
  };
  return (
    <Panel title={t("publish.title")}>
      <div className="stack">
        {told ? <Address told={told} /> : null}
        <div>{t("publish.key")}</div>
        {key ? (
          <>
            <Command text={key} label={t("publish.key")} />
            <p style={{ margin: 0 }}>{t("publish.key.once")}</p>
          </>
        ) : (
          <p className="dim" style={{ margin: 0 }}>
            {told?.key_set ? t("publish.key.set") : t("publish.key.none")}
          </p>
        )}
        {may && asked ? (
          <div className="row">
            <span className="grow">{t("publish.renew.what")}</span>
            <Button variant="default" onClick={() => setAsked(false)}>
              {t("action.cancel")}
            </Button>
            <Button onClick={renew}>{t("publish.renew")}</Button>
          </div>
        ) : null}
        {may && !asked ? (
          <Button variant="default" onClick={() => (told?.key_set ? setAsked(true) : renew())} disabled={!told}>
            {told?.key_set ? t("publish.renew") : t("publish.make")}
          </Button>
        ) : null}
        <p className="dim" style={{ margin: 0 }}>
          {t("publish.about")}
        </p>
        {(error ?? query.error) ? <Failure error={error ?? query.error} /> : null}
      </div>
    </Panel>
  );
}
