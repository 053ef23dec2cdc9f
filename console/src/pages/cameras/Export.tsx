import { Button, Checkbox, Modal, MultiSelect, TextInput } from "@mantine/core";
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
import { Masks } from "./Masks";
import { parameter, type Mask } from "./masks";

const MINUTE = 60_000;
/** The server's own limit, ms. */
const LONGEST = 7 * 86_400_000;

interface Drawn {
  masks: Mask[];
  watermark: boolean;
}

/** Tells whether anything was recorded; the browser then saves the file itself, and shows how far it is. */
async function begin(cameras: string[], start: number, end: number, reason: string, drawn: Drawn): Promise<boolean> {
  const lists = await Promise.all(
    cameras.map((id) => take(api.GET("/api/v1/cameras/{id}/recordings", { params: { path: { id }, query: { start, end } } }))),
  );
  if (lists.every((list) => list.items.length === 0)) return false;
  const query = new URLSearchParams(cameras.map((id) => ["camera", id]));
  query.set("start", String(start));
  query.set("end", String(end));
  query.set("reason", reason);
  for (const mask of drawn.masks) if (cameras.includes(mask.camera)) query.append("mask", parameter(mask));
  if (drawn.watermark) query.set("watermark", "true");
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
  const [masking, setMasking] = useState(false);
  const [masks, setMasks] = useState<Mask[]>([]);
  const [watermark, setWatermark] = useState(false);
  const drawn = { masks: masking ? masks.filter((mask) => cameras.includes(mask.camera)) : [], watermark };
  const empty = masking && drawn.masks.length === 0;
  const bare = (all.data ?? [camera]).filter(
    (one) => cameras.includes(one.id) && !drawn.masks.some((mask) => mask.camera === one.id),
  );
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
    mutationFn: () => begin(cameras, (from ?? 0) * 1000, (to ?? 0) * 1000, reason.trim(), drawn),
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
      <Checkbox
        label={t("masks.title")}
        description={t("masks.about")}
        checked={masking}
        onChange={(event) => setMasking(event.currentTarget.checked)}
      />
      {masking ? (
        <>
          <Masks cameras={choices.filter((one) => cameras.includes(one.value))} at={from} masks={masks} onChange={setMasks} />
          <p className="dim" style={{ margin: 0 }} role="status">
            {empty
              ? t("masks.empty")
              : bare.length > 0
                ? t("masks.bare", { cameras: bare.map((one) => one.name).join(", ") })
                : null}
          </p>
        </>
      ) : null}
      <Checkbox
        label={t("masks.watermark")}
        description={t("masks.watermark.about")}
        checked={watermark}
        onChange={(event) => setWatermark(event.currentTarget.checked)}
      />
      <Reason value={reason} onChange={setReason} focus />
      <p className="dim" style={{ margin: 0 }}>
        {t(drawn.masks.length > 0 || watermark ? "export.about.converted" : "export.about")}
      </p>
      <Command text="sitewarden verify export.zip --ca ca.pem" label={t("export.verify")} />
      <div>
        <Button
          loading={sending.isPending}
          disabled={wrong !== "" || empty || cameras.length === 0 || reason.trim() === ""}
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
