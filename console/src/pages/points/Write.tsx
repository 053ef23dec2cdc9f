import { Button, Modal, NumberInput, SegmentedControl, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { api, take } from "../../api/client";
import type { Point, WriteResult } from "../../api/types";
import { useCan } from "../../app/session";
import { useValue } from "../../live/points";
import { Reason } from "../../parts/Reason";
import { Failure } from "../../parts/States";
import { ValueText } from "../../parts/Value";
import { readValue, showValue } from "../../site/values";
import { t } from "../../text/t";

function limits(point: Point): string {
  const low = point.minimum ?? null;
  const high = point.maximum ?? null;
  const unit = point.unit ? ` ${point.unit}` : "";
  if (low !== null && high !== null) return t("write.limits.both", { low, high, unit });
  if (low !== null) return t("write.limits.low", { low, unit });
  if (high !== null) return t("write.limits.high", { high, unit });
  return t("write.limits.none");
}

function Form({ point, onDone }: { point: Point; onDone: () => void }) {
  const latest = useValue(point.id);
  const [text, setText] = useState(() =>
    latest?.value === null || latest === undefined ? (point.type === "boolean" ? "false" : "") : String(latest.value),
  );
  const [priority, setPriority] = useState<number | string>("");
  const [reason, setReason] = useState("");
  const [busy, setBusy] = useState(false);
  const [result, setResult] = useState<WriteResult | null>(null);
  const [error, setError] = useState<unknown>(null);
  const read = readValue(text, point);
  const wrong = "wrong" in read ? read.wrong : null;

  const path = { id: point.id };
  const writing = useQuery({
    queryKey: ["writing", point.id],
    queryFn: ({ signal }) => take(api.GET("/api/v1/points/{id}/writing", { params: { path }, signal })),
  });
  const priorities = writing.data?.priorities ?? false;
  const rank = priorities && typeof priority === "number" ? priority : null;

  const send = (value: WriteResult["new"]): void => {
    setBusy(true);
    setError(null);
    setResult(null);
    take(
      api.POST("/api/v1/points/{id}/value", {
        params: { path },
        body: { value, priority: rank, reason: reason.trim() },
      }),
    )
      .then(setResult, setError)
      .finally(() => setBusy(false));
  };
  const submit = (event: React.SyntheticEvent): void => {
    event.preventDefault();
    if ("value" in read) send(read.value);
  };

  return (
    <form className="stack" onSubmit={submit}>
      <dl className="facts">
        <dt>{t("write.now")}</dt>
        <dd>
          <ValueText point={point} latest={latest} />
        </dd>
        <dt>{t("write.limits")}</dt>
        <dd>{limits(point)}</dd>
      </dl>
      {point.type === "boolean" ? (
        <SegmentedControl
          aria-label={t("write.value")}
          value={text}
          onChange={setText}
          data={[
            { value: "false", label: t("value.off") },
            { value: "true", label: t("value.on") },
          ]}
        />
      ) : (
        <TextInput
          data-autofocus
          label={t("write.value")}
          value={text}
          onChange={(e) => setText(e.currentTarget.value)}
          error={text.trim() === "" ? null : wrong}
          rightSection={point.unit ? <span className="dim">{point.unit}</span> : null}
          inputMode={point.type === "string" ? "text" : "decimal"}
        />
      )}
      {priorities ? (
        <NumberInput
          label={t("write.priority")}
          description={t("write.priority.help")}
          placeholder={t("write.priority.all")}
          value={priority}
          onChange={setPriority}
          min={1}
          max={16}
          clampBehavior="strict"
          allowDecimal={false}
          allowNegative={false}
        />
      ) : null}
      <Reason value={reason} onChange={setReason} required={false} />
      <div aria-live="polite">
        {result ? (
          <p style={{ margin: 0 }}>
            {t(result.new === null ? "write.released" : "write.done", {
              old: showValue(result.old ?? null, point),
              new: showValue(result.new ?? null, point),
              back: showValue(result.read_back ?? null, point),
            })}
          </p>
        ) : null}
        {error ? <Failure error={error} /> : null}
      </div>
      <div className="row" style={{ justifyContent: "flex-end" }}>
        <Button variant="default" onClick={onDone}>
          {result ? t("action.close") : t("action.cancel")}
        </Button>
        {priorities ? (
          <Button variant="default" loading={busy} onClick={() => send(null)}>
            {rank === null ? t("write.release.own") : t("write.release", { priority: rank })}
          </Button>
        ) : null}
        <Button type="submit" loading={busy} disabled={wrong !== null}>
          {wrong === null && "value" in read
            ? t("write.set", { value: showValue(read.value, point), unit: point.unit })
            : t("write.do")}
        </Button>
      </div>
    </form>
  );
}

/** Opens the dialog that writes a value; absent where the point or the user's rights do not allow it. */
export function WriteButton({ point }: { point: Point }) {
  const can = useCan();
  const [open, setOpen] = useState(false);
  if (!point.writable || !can("point.write", { ref: `point:${point.id}`, area: point.area, tags: point.tags })) return null;
  return (
    <>
      <Button variant="default" size="compact-xs" onClick={() => setOpen(true)} aria-label={t("write.of", { point: point.name })}>
        {t("write.do")}
      </Button>
      <Modal
        opened={open}
        onClose={() => setOpen(false)}
        title={t("write.of", { point: point.name })}
        closeButtonProps={{ "aria-label": t("action.close") }}
      >
        <Form point={point} onDone={() => setOpen(false)} />
      </Modal>
    </>
  );
}
