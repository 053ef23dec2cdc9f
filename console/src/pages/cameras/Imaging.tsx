import { Button, Select, Slider } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useId, useState } from "react";

import { api, take } from "../../api/client";
import type { Camera } from "../../api/types";
import { useCan } from "../../app/session";
import { useStatus } from "../../live/status";
import { Panel } from "../../parts/Panel";
import { Await, Failure } from "../../parts/States";
import { t, word } from "../../text/t";
import styles from "./Imaging.module.css";
import { Mover } from "./mover";
import { STILL } from "./vector";

const LEVELS = ["brightness", "contrast", "saturation", "sharpness"] as const;
const CHOICES = ["ir_cut", "focus", "exposure"] as const;
const FOCUS_SPEED = 0.5;

type Values = Record<string, number | string>;

/** How the camera sets its picture: light, colours, night filter, focus and iris. Nothing where it cannot be set. */
export function Imaging({ camera }: { camera: Camera }) {
  const status = useStatus(`camera-control:${camera.id}`);
  const can = useCan();
  const subject = { ref: `camera:${camera.id}`, area: camera.area, tags: camera.tags };
  const [open, setOpen] = useState(false);
  if (status?.state !== "online" || status.data.imaging !== true || !can("camera.imaging", subject)) return null;
  return (
    <Panel
      title={t("imaging.title")}
      actions={
        <Button variant="default" size="compact-sm" aria-expanded={open} onClick={() => setOpen(!open)}>
          {open ? t("imaging.close") : t("imaging.open")}
        </Button>
      }
    >
      {open ? <Settings id={camera.id} /> : <p className="dim">{t("imaging.about")}</p>}
    </Panel>
  );
}

function Settings({ id }: { id: string }) {
  const queries = useQueryClient();
  const params = { path: { id } };
  const key = ["imaging", id];
  const [error, setError] = useState<unknown>(null);
  // The camera is asked each time that this is opened: others set its picture too.
  const query = useQuery({
    queryKey: key,
    queryFn: ({ signal }) => take(api.GET("/api/v1/cameras/{id}/imaging", { params, signal })),
    staleTime: 0,
  });
  const settings = (query.data?.settings ?? {}) as Values;
  const options = (query.data?.options ?? {}) as Record<string, (number | string)[]>;
  const set = (values: Values): Promise<unknown> => {
    setError(null);
    return take(api.POST("/api/v1/cameras/{id}/imaging", { params, body: values }))
      .catch(setError)
      .finally(() => queries.invalidateQueries({ queryKey: key }));
  };
  const span = (name: string): [number, number] | null => {
    const [least, most] = options[name] ?? [];
    return typeof settings[name] === "number" && typeof least === "number" && typeof most === "number" && least < most
      ? [least, most]
      : null;
  };
  const iris = span("iris");
  return (
    <Await query={query} rows={4}>
      <div className={styles.grid}>
        {LEVELS.map((name) => {
          const limits = span(name);
          return limits ? (
            <Level
              key={name}
              name={name}
              value={Number(settings[name])}
              limits={limits}
              onSet={(value) => set({ [name]: value })}
            />
          ) : null;
        })}
        {CHOICES.map((name) => {
          const words = options[name] ?? [];
          return words.length > 1 ? (
            <Select
              key={name}
              label={word("imaging", name)}
              value={String(settings[name] ?? "")}
              onChange={(value) => (value ? void set({ [name]: value }) : undefined)}
              data={words.map((one) => ({ value: String(one), label: word("imagingword", String(one)) }))}
              allowDeselect={false}
            />
          ) : null;
        })}
        {iris ? (
          <Level
            name="iris"
            value={Number(settings.iris)}
            limits={iris}
            onSet={(value) => set({ iris: value, exposure: "MANUAL" })}
          />
        ) : null}
        {options.focus?.includes("MANUAL") ? <Focus id={id} failed={setError} manual={settings.focus === "MANUAL"} /> : null}
      </div>
      {error ? <Failure error={error} /> : null}
    </Await>
  );
}

interface LevelProps {
  name: string;
  value: number;
  limits: [number, number];
  onSet: (value: number) => Promise<unknown>;
}

function Level({ name, value, limits, onSet }: LevelProps) {
  const [least, most] = limits;
  const label = useId();
  const [wanted, setWanted] = useState<number | null>(null);
  const shown = wanted ?? value;
  return (
    <div>
      <div id={label} className={styles.label}>
        {word("imaging", name)} <span className="num dim">{shown}</span>
      </div>
      <Slider
        aria-labelledby={label}
        thumbLabel={word("imaging", name)}
        value={shown}
        min={least}
        max={most}
        step={most - least > 10 ? 1 : (most - least) / 100}
        onChange={setWanted}
        onChangeEnd={(end) => void onSet(end).finally(() => setWanted(null))}
        label={null}
      />
    </div>
  );
}

/** Moves the focus while a button is held. */
function Focus({ id, failed, manual }: { id: string; failed: (error: unknown) => void; manual: boolean }) {
  const params = { path: { id } };
  const [mover] = useState(
    () =>
      new Mover({
        move: (vector, seconds) => take(api.POST("/api/v1/cameras/{id}/focus", { params, body: { speed: vector.pan, seconds } })),
        stop: () => take(api.POST("/api/v1/cameras/{id}/focus", { params, body: { speed: 0, seconds: 0.1 } })),
        failed,
      }),
  );
  const halt = (): void => mover.want(STILL);
  useEffect(() => () => mover.want(STILL), [mover]);
  const press = (speed: number) => ({
    onPointerDown: () => mover.want({ ...STILL, pan: speed }),
    onPointerUp: halt,
    onPointerLeave: halt,
    onKeyDown: (event: React.KeyboardEvent) => {
      if ((event.key === " " || event.key === "Enter") && !event.repeat) mover.want({ ...STILL, pan: speed });
    },
    onKeyUp: halt,
    onBlur: halt,
  });
  return (
    <div role="group" aria-label={t("imaging.move")}>
      <div className={styles.label}>{t("imaging.move")}</div>
      <div className="row">
        <Button variant="default" disabled={!manual} {...press(-FOCUS_SPEED)}>
          {t("imaging.near")}
        </Button>
        <Button variant="default" disabled={!manual} {...press(FOCUS_SPEED)}>
          {t("imaging.far")}
        </Button>
        {manual ? null : <span className="dim">{t("imaging.move.auto")}</span>}
      </div>
    </div>
  );
}
