import { Button } from "@mantine/core";
import { useState } from "react";

import { api, take } from "../../api/client";
import type { Camera } from "../../api/types";
import { useCan } from "../../app/session";
import { useStatus } from "../../live/status";
import { StateTag } from "../../parts/Mark";
import { Panel } from "../../parts/Panel";
import { Failure } from "../../parts/States";
import { Time } from "../../parts/Time";
import { t } from "../../text/t";

interface Contact {
  token: string;
  name: string;
  active: boolean | null;
}

const WRONG_CLOCK = 5;

/** What a camera says over ONVIF: who it is, motion, its inputs, and its relays to switch. */
export function Control({ camera }: { camera: Camera }) {
  const status = useStatus(`camera-control:${camera.id}`);
  const can = useCan();
  const [busy, setBusy] = useState("");
  const [error, setError] = useState<unknown>(null);
  if (!camera.onvif) return null;
  const data = status?.data ?? {};
  const online = status?.state === "online";
  const offset = typeof data.clock_offset === "number" ? data.clock_offset : 0;
  const edge = data.edge as { start: number | null } | null | undefined;
  const inputs = (data.inputs ?? []) as Contact[];
  const relays = (data.relays ?? []) as Contact[];
  const may = can("camera.relay", { ref: `camera:${camera.id}`, area: camera.area, tags: camera.tags });
  const maker = [data.manufacturer, data.model].filter(Boolean).join(" ");
  const told = (active: boolean | null): string =>
    active === null ? t("control.unknown") : active ? t("control.on") : t("control.off");

  const switched = (relay: Contact): void => {
    setBusy(relay.token);
    setError(null);
    const body = { relay: relay.token, active: relay.active !== true };
    take(api.POST("/api/v1/cameras/{id}/relays", { params: { path: { id: camera.id } }, body }))
      .catch(setError)
      .finally(() => setBusy(""));
  };

  return (
    <Panel title={t("control.title")}>
      <dl className="facts">
        <dt>{t("cameras.state")}</dt>
        <dd>
          <StateTag status={status} />
          {status?.detail ? <div>{status.detail}</div> : null}
        </dd>
        {online ? (
          <>
            <dt>{t("control.device")}</dt>
            <dd>
              {maker || t("value.none")}
              {typeof data.firmware === "string" && data.firmware ? (
                <div className="dim">{t("control.firmware", { version: data.firmware })}</div>
              ) : null}
            </dd>
            <dt>{t("control.clock")}</dt>
            <dd>
              {Math.abs(offset) < WRONG_CLOCK
                ? t("control.clock.right")
                : t(offset > 0 ? "control.clock.ahead" : "control.clock.behind", { seconds: Math.round(Math.abs(offset)) })}
            </dd>
            <dt>{t("control.motion")}</dt>
            <dd>
              {data.events === true
                ? data.motion === true
                  ? t("control.motion.on")
                  : t("control.motion.off")
                : t("control.noevents")}
            </dd>
          </>
        ) : null}
        {online && edge ? (
          <>
            <dt>{t("control.edge")}</dt>
            <dd>{typeof edge.start === "number" && edge.start > 0 ? <Time us={edge.start} /> : t("control.edge.none")}</dd>
          </>
        ) : null}
        {online && inputs.length > 0 ? (
          <>
            <dt>{t("control.inputs")}</dt>
            <dd>
              {inputs.map((input) => (
                <div key={input.token}>
                  {input.name || input.token}: {told(input.active)}
                </div>
              ))}
            </dd>
          </>
        ) : null}
        {online && relays.length > 0 ? (
          <>
            <dt>{t("control.relays")}</dt>
            <dd>
              {relays.map((relay) => (
                <div key={relay.token} className="row">
                  <span className="grow">
                    {relay.name || relay.token}: {told(relay.active)}
                  </span>
                  {may ? (
                    <Button
                      variant="default"
                      size="compact-sm"
                      loading={busy === relay.token}
                      aria-label={t(relay.active === true ? "control.relay.off" : "control.relay.on", {
                        relay: relay.name || relay.token,
                      })}
                      onClick={() => switched(relay)}
                    >
                      {relay.active === true ? t("control.switch.off") : t("control.switch.on")}
                    </Button>
                  ) : null}
                </div>
              ))}
            </dd>
          </>
        ) : null}
      </dl>
      {error ? <Failure error={error} /> : null}
    </Panel>
  );
}
