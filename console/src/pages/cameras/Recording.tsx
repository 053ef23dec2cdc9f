import { Button } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";

import { api, take } from "../../api/client";
import type { Camera, RecordingLock } from "../../api/types";
import { useCan, useZone } from "../../app/session";
import { useStatus } from "../../live/status";
import { Mark } from "../../parts/Mark";
import { Panel } from "../../parts/Panel";
import { Reason } from "../../parts/Reason";
import { Failure } from "../../parts/States";
import { Time } from "../../parts/Time";
import { t, word } from "../../text/t";
import { fromField, toField } from "../../time/zone";

const ORDER_SECONDS = 300;
const HELD_MS = 600_000;

/** What a person does to a camera's recording, each with its reason. */
type Act =
  { kind: "record"; seconds: number } | { kind: "privacy"; on: boolean } | { kind: "lock" } | { kind: "release"; lock: string };

function useAct(id: string, done: () => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async ({ act, reason, span }: { act: Act; reason: string; span?: { start: number; end: number } }) => {
      const params = { path: { id } };
      if (act.kind === "record")
        await take(api.POST("/api/v1/cameras/{id}/record", { params, body: { seconds: act.seconds, reason } }));
      else if (act.kind === "privacy")
        await take(api.POST("/api/v1/cameras/{id}/privacy", { params, body: { on: act.on, reason } }));
      else if (act.kind === "release") {
        const release = { path: { id, lock: act.lock }, query: { reason } };
        await take(api.DELETE("/api/v1/cameras/{id}/locks/{lock}", { params: release }));
      } else if (span) await take(api.POST("/api/v1/cameras/{id}/locks", { params, body: { ...span, reason } }));
    },
    onSuccess: async () => {
      done();
      await client.invalidateQueries({ queryKey: ["locks", id] });
      await client.invalidateQueries({ queryKey: ["recordings", id] });
      await client.invalidateQueries({ queryKey: ["entity", "camera", id] });
    },
  });
}

/** Asks for the reason in place, says what will happen, and does it. */
function Ask({
  text,
  button,
  onDo,
  onLeave,
  busy,
  children,
}: {
  text: string;
  button: string;
  onDo: (reason: string) => void;
  onLeave: () => void;
  busy: boolean;
  children?: ReactNode;
}) {
  const [reason, setReason] = useState("");
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        onDo(reason.trim());
      }}
    >
      <p className="dim" style={{ margin: 0 }}>
        {text}
      </p>
      {children}
      <Reason value={reason} onChange={setReason} focus />
      <div className="row">
        <Button type="submit" loading={busy} disabled={reason.trim() === ""}>
          {button}
        </Button>
        <Button variant="default" onClick={onLeave}>
          {t("action.cancel")}
        </Button>
      </div>
    </form>
  );
}

function Held({ locks, onRelease }: { locks: readonly RecordingLock[]; onRelease: ((lock: string) => void) | null }) {
  if (locks.length === 0) return <span className="dim">{t("record.held.none")}</span>;
  return locks.map((lock) => (
    <div key={lock.id} className="stack">
      <span>
        <Time us={lock.start} /> – <Time us={lock.end} />
      </span>
      <span className="dim">
        {lock.reason} · {lock.by} · {lock.until ? <Time us={lock.until} short /> : t("record.until.ever")}
      </span>
      {onRelease ? (
        <div>
          <Button variant="default" size="compact-xs" onClick={() => onRelease(lock.id)}>
            {t("record.release")}
          </Button>
        </div>
      ) : null}
    </div>
  ));
}

/** How a camera is recorded, and what a person may do about it: record now, privacy, hold. */
export function Recording({ camera }: { camera: Camera }) {
  const can = useCan();
  const zone = useZone();
  const subject = { ref: `camera:${camera.id}`, area: camera.area, tags: camera.tags };
  const status = useStatus(`camera:${camera.id}`) ?? camera.status ?? undefined;
  const [asked, setAsked] = useState<Act | null>(null);
  const [from, setFrom] = useState("");
  const [to, setTo] = useState("");
  const act = useAct(camera.id, () => setAsked(null));
  const seen = can("camera.playback", subject);
  const locks = useQuery({
    queryKey: ["locks", camera.id],
    queryFn: ({ signal }) => take(api.GET("/api/v1/recording-locks", { params: { query: { camera: camera.id } }, signal })),
    enabled: seen,
  });
  const ordered = typeof status?.data.ordered === "number" ? status.data.ordered : 0;
  const begin = fromField(from, zone);
  const end = fromField(to, zone);
  const hold = (): void => {
    const now = Date.now();
    setFrom(toField(now - HELD_MS, zone));
    setTo(toField(now, zone));
    setAsked({ kind: "lock" });
  };
  const texts = {
    record: ["", ""],
    lock: [t("record.hold.about"), t("record.hold")],
    release: ["", t("record.release")],
    privacy: [t("record.privacy.about"), camera.privacy ? t("record.privacy.off") : t("record.privacy.on")],
  } as const;
  return (
    <Panel title={t("record.title")}>
      <div className="stack">
        {camera.privacy ? (
          <div className="row" role="status">
            <Mark severity={1} /> {t("record.private")}
            {camera.privacy_reason ? ` (${camera.privacy_reason})` : ""}
          </div>
        ) : null}
        <dl className="facts">
          <dt>{t("record.mode")}</dt>
          <dd>{camera.record ? word("mode", camera.record_mode) : t("cameras.off")}</dd>
          {ordered ? (
            <>
              <dt>{t("record.ordered")}</dt>
              <dd>
                <Time us={ordered} short />
              </dd>
            </>
          ) : null}
          {seen ? (
            <>
              <dt>{t("record.held")}</dt>
              <dd>
                <Held
                  locks={locks.data?.items ?? []}
                  onRelease={can("camera.unlock", subject) ? (lock) => setAsked({ kind: "release", lock }) : null}
                />
              </dd>
            </>
          ) : null}
        </dl>
        {asked && asked.kind !== "record" ? (
          <Ask
            key={asked.kind}
            text={texts[asked.kind][0]}
            button={texts[asked.kind][1]}
            busy={act.isPending}
            onLeave={() => {
              setAsked(null);
              act.reset();
            }}
            onDo={(reason) =>
              act.mutate({
                act: asked,
                reason,
                ...(begin !== null && end !== null ? { span: { start: begin * 1000, end: end * 1000 } } : {}),
              })
            }
          >
            {asked.kind === "lock" ? (
              <div className="row">
                <label>
                  {t("record.from")}{" "}
                  <input type="datetime-local" step="1" value={from} onChange={(event) => setFrom(event.currentTarget.value)} />
                </label>
                <label>
                  {t("record.to")}{" "}
                  <input type="datetime-local" step="1" value={to} onChange={(event) => setTo(event.currentTarget.value)} />
                </label>
              </div>
            ) : null}
          </Ask>
        ) : (
          <div className="row" style={{ flexWrap: "wrap" }}>
            {can("camera.record", subject) ? (
              <Button
                variant="default"
                loading={act.isPending}
                disabled={!camera.record || !camera.enabled || camera.privacy}
                onClick={() => act.mutate({ act: { kind: "record", seconds: ordered ? 0 : ORDER_SECONDS }, reason: "" })}
              >
                {ordered ? t("record.stop") : t("record.now")}
              </Button>
            ) : null}
            {can("camera.lock", subject) ? (
              <Button variant="default" onClick={hold}>
                {t("record.hold")}
              </Button>
            ) : null}
            {can("camera.privacy", subject) ? (
              <Button variant="default" onClick={() => setAsked({ kind: "privacy", on: !camera.privacy })}>
                {camera.privacy ? t("record.privacy.off") : t("record.privacy.on")}
              </Button>
            ) : null}
          </div>
        )}
        {act.error ? <Failure error={act.error} /> : null}
        {locks.error ? <Failure error={locks.error} /> : null}
      </div>
    </Panel>
  );
}
