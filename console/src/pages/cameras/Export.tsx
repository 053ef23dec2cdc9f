import { Button, Modal, MultiSelect, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";

import { api, take } from "../../api/client";
import { useAll } from "../../api/hooks";
import type { Camera } from "../../api/types";
import { useCan, useZone } from "../../app/session";
import { Command } from "../../parts/Command";
import { Icon } from "../../parts/Icon";
import { Reason } from "../../parts/Reason";
import { Failure } from "../../parts/States";
import { t } from "../../text/t";
import { fromField, toField } from "../../time/zone";

const MINUTE = 60_000;
/** The server's own limit, ms. */
const LONGEST = 7 * 86_400_000;

/** Tells whether anything was recorded; the browser then saves the file itself, and shows how far it is. */
async function begin(cameras: string[], start: number, end: number, reason: string): Promise<boolean> {
  const lists = await Promise.all(
    cameras.map((id) => take(api.GET("/api/v1/cameras/{id}/recordings", { params: { path: { id }, query: { start, end } } }))),
  );
  if (lists.every((list) => list.items.length === 0)) return false;
  const query = new URLSearchParams(cameras.map((id) => ["camera", id]));
  query.set("start", String(start));
  query.set("end", String(end));
  query.set("reason", reason);
  const link = document.createElement("a");
  link.href = `/api/v1/exports/video.zip?${query.toString()}`;
  link.download = "";
  link.click();
  return true;
}

function Form({ camera, at }: { camera: Camera; at: number }) {
  const zone = useZone();
  const can = useCan();
  const all = useAll<Camera>("camera");
  const [cameras, setCameras] = useState([camera.id]);
  const [start, setStart] = useState(() => toField(at - MINUTE, zone));
  const [end, setEnd] = useState(() => toField(at + MINUTE, zone));
  const [reason, setReason] = useState("");
  const from = fromField(start, zone);
  const to = fromField(end, zone);
  const wrong =
    from === null || to === null
      ? t("export.when")
      : to <= from
        ? t("export.order")
        : to - from > LONGEST
          ? t("export.long")
          : "";
  const sending = useMutation({
    mutationFn: () => begin(cameras, (from ?? 0) * 1000, (to ?? 0) * 1000, reason.trim()),
  });
  const choices = (all.data ?? [camera])
    .filter((one) => can("camera.export", { ref: `camera:${one.id}`, area: one.area, tags: one.tags }))
    .map((one) => ({ value: one.id, label: one.name }));
  return (
    <div className="stack">
      <MultiSelect
        label={t("export.cameras")}
        data={choices}
        value={cameras}
        onChange={setCameras}
        maxValues={16}
        searchable
        hidePickedOptions
      />
      <TextInput
        type="datetime-local"
        step="1"
        label={t("export.from", { zone })}
        value={start}
        onChange={(event) => setStart(event.currentTarget.value)}
      />
      <TextInput
        type="datetime-local"
        step="1"
        label={t("export.to", { zone })}
        value={end}
        onChange={(event) => setEnd(event.currentTarget.value)}
        error={wrong || undefined}
      />
      <Reason value={reason} onChange={setReason} focus />
      <p className="dim" style={{ margin: 0 }}>
        {t("export.about")}
      </p>
      <Command text="sitewarden verify export.zip --ca ca.pem" label={t("export.verify")} />
      <div>
        <Button
          loading={sending.isPending}
          disabled={wrong !== "" || cameras.length === 0 || reason.trim() === ""}
          onClick={() => sending.mutate()}
        >
          {t("export.do")}
        </Button>
      </div>
      <div aria-live="polite">
        {sending.data === false ? t("export.nothing") : null}
        {sending.data ? (
          <>
            {t("export.begun")} <Link to="/exports">{t("export.queue")}</Link>
          </>
        ) : null}
        {sending.error ? <Failure error={sending.error} /> : null}
      </div>
    </div>
  );
}

/** Recordings of one or several cameras as a file that proves where it comes from. */
export function Export({ camera, at }: { camera: Camera; at: number }) {
  const can = useCan();
  const [opened, setOpened] = useState(false);
  if (!can("camera.export", { ref: `camera:${camera.id}`, area: camera.area, tags: camera.tags })) return null;
  return (
    <>
      <Button variant="default" leftSection={<Icon name="download" size={14} />} onClick={() => setOpened(true)}>
        {t("export.open")}
      </Button>
      <Modal opened={opened} onClose={() => setOpened(false)} title={t("export.title")}>
        {opened ? <Form camera={camera} at={at} /> : null}
      </Modal>
    </>
  );
}
