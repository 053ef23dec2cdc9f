import { Button, SegmentedControl } from "@mantine/core";
import { useState } from "react";

import type { Camera, MulticastStream } from "../../api/types";
import { useCan } from "../../app/session";
import { Command } from "../../parts/Command";
import { Panel } from "../../parts/Panel";
import { Failure } from "../../parts/States";
import { Time } from "../../parts/Time";
import { t } from "../../text/t";
import { useMulticast, useSend } from "./multicast";

const HOUR = 3600;

function Sent({ stream, stop, stopping }: { stream: MulticastStream; stop: () => void; stopping: boolean }) {
  const file = `data:application/sdp;charset=utf-8,${encodeURIComponent(stream.sdp)}`;
  return (
    <div className="stack">
      <Command text={stream.address} label={t("multicast.address")} />
      <dl className="facts">
        <dt>{t("multicast.viewers")}</dt>
        <dd>{stream.holders}</dd>
        <dt>{t("multicast.until")}</dt>
        <dd>
          <Time us={stream.until} short />
        </dd>
        {stream.dropped > 0 ? (
          <>
            <dt>{t("multicast.dropped")}</dt>
            <dd>{stream.dropped}</dd>
          </>
        ) : null}
      </dl>
      <div className="row">
        <Button component="a" variant="default" href={file} download={`${stream.camera}.sdp`}>
          {t("multicast.sdp")}
        </Button>
        <Button variant="default" loading={stopping} onClick={stop}>
          {t("multicast.stop")}
        </Button>
      </div>
    </div>
  );
}

/** Has this camera sent to the multicast group, and says what a player opens. */
export function Multicast({ camera }: { camera: Camera }) {
  const can = useCan();
  const may = can("camera.multicast", { ref: `camera:${camera.id}`, area: camera.area, tags: camera.tags });
  const query = useMulticast(may);
  const send = useSend(camera.id);
  const [form, setForm] = useState<"mpegts" | "rtp">("mpegts");
  if (!may) return null;
  const streams = (query.data?.items ?? []).filter((one) => one.camera === camera.id && one.stream === "main");
  const shown = streams.find((one) => one.form === form);
  return (
    <Panel title={t("multicast.title")}>
      <div className="stack">
        <SegmentedControl
          aria-label={t("multicast.form")}
          data={[
            { value: "mpegts", label: t("multicast.mpegts") },
            { value: "rtp", label: t("multicast.rtp") },
          ]}
          value={form}
          onChange={(value) => {
            setForm(value === "rtp" ? "rtp" : "mpegts");
            send.reset();
          }}
        />
        {shown ? (
          <Sent stream={shown} stop={() => send.mutate({ seconds: 0, form })} stopping={send.isPending} />
        ) : (
          <>
            <p className="dim" style={{ margin: 0 }}>
              {t("multicast.about")}
            </p>
            <div>
              <Button
                variant="default"
                loading={send.isPending}
                disabled={!camera.enabled}
                onClick={() => send.mutate({ seconds: HOUR, form })}
              >
                {t("multicast.start")}
              </Button>
            </div>
          </>
        )}
        {send.error ? <Failure error={send.error} /> : null}
        {query.error ? <Failure error={query.error} /> : null}
      </div>
    </Panel>
  );
}
