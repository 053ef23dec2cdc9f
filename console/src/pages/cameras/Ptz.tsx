import { ActionIcon, Button, SegmentedControl, TextInput } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";

import { api, take } from "../../api/client";
import type { Camera, Hold } from "../../api/types";
import { useCan, useSigned, useZone } from "../../app/session";
import { useStatus } from "../../live/status";
import { Icon } from "../../parts/Icon";
import { Mark } from "../../parts/Mark";
import { Panel } from "../../parts/Panel";
import { Failure } from "../../parts/States";
import { t, word } from "../../text/t";
import { useNow } from "../../time/ticker";
import { clock } from "../../time/zone";
import { Mover } from "./mover";
import styles from "./Ptz.module.css";
import { Tours } from "./Tours";
import { DIRECTIONS, isMoveKey, ofKeys, STILL, type Vector } from "./vector";

const SPEEDS = ["0.2", "0.5", "1"] as const;
const LOCK_SECONDS = 300;
const ARROWS: Record<string, number> = {
  up: 0,
  upright: 45,
  right: 90,
  downright: 135,
  down: 180,
  downleft: 225,
  left: 270,
  upleft: 315,
};

/** Who has the camera now, until when; null where nobody has. */
function useHold(id: string): Hold | null {
  const now = useNow();
  const status = useStatus(`camera-hold:${id}`);
  if (status?.state !== "held") return null;
  const hold = status.data as unknown as Hold;
  return hold.until / 1000 > now ? hold : null;
}

interface Abilities {
  continuous: boolean;
  pan_tilt: boolean;
  zoom: boolean;
  home: boolean;
  presets: number;
  tours: number;
}

/** Moves a camera: pad, keys, presets; shows who has it. Nothing where the camera cannot be moved. */
export function Ptz({ camera }: { camera: Camera }) {
  const status = useStatus(`camera-control:${camera.id}`);
  const can = useCan();
  const subject = { ref: `camera:${camera.id}`, area: camera.area, tags: camera.tags };
  const ptz = status?.data.ptz as Abilities | null | undefined;
  if (!camera.onvif || !can("camera.ptz", subject) || (status?.state === "online" && !ptz)) return null;
  if (status?.state !== "online" || !ptz) {
    return (
      <Panel title={t("ptz.title")}>
        <p className="dim">{status?.detail || t("ptz.waiting")}</p>
      </Panel>
    );
  }
  return <Moves camera={camera} ptz={ptz} mayKeep={can("camera.preset", subject)} />;
}

function Moves({ camera, ptz, mayKeep }: { camera: Camera; ptz: Abilities; mayKeep: boolean }) {
  const { id } = camera;
  const zone = useZone();
  const me = `user:${useSigned().session.user.id}`;
  const hold = useHold(id);
  const [speed, setSpeed] = useState<string>("0.5");
  const [error, setError] = useState<unknown>(null);
  const params = { path: { id } };
  const held = useRef(new Set<string>());
  const mover = useRef<Mover>(null);
  mover.current ??= new Mover({
    move: (vector, seconds) => take(api.POST("/api/v1/cameras/{id}/ptz/move", { params, body: { ...vector, seconds } })),
    stop: () => take(api.POST("/api/v1/cameras/{id}/ptz/stop", { params })),
    failed: setError,
  });

  const go = useCallback((vector: Vector) => {
    setError(null);
    mover.current?.want(vector);
  }, []);
  const halt = useCallback(() => {
    held.current.clear();
    mover.current?.want(STILL);
  }, []);
  useEffect(() => {
    // A window that is not looked at any more must not move a camera.
    window.addEventListener("blur", halt);
    document.addEventListener("visibilitychange", halt);
    return () => {
      window.removeEventListener("blur", halt);
      document.removeEventListener("visibilitychange", halt);
      halt();
    };
  }, [halt]);

  const once = (call: Promise<unknown>): void => {
    setError(null);
    call.catch(setError);
  };
  const byArrows = (event: React.KeyboardEvent): void => {
    if (!isMoveKey(event.key) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    if (event.repeat) return;
    held.current.add(event.key);
    go(ofKeys(held.current, Number(speed)));
  };
  const letGo = (event: React.KeyboardEvent): void => {
    if (held.current.delete(event.key)) mover.current?.want(ofKeys(held.current, Number(speed)));
  };
  const press = (vector: Vector) => ({
    onPointerDown: (event: React.PointerEvent<HTMLButtonElement>) => {
      if (event.button !== 0) return;
      event.currentTarget.setPointerCapture(event.pointerId);
      go(vector);
    },
    onPointerUp: halt,
    onPointerCancel: halt,
    onLostPointerCapture: halt,
    onContextMenu: (event: React.MouseEvent) => event.preventDefault(),
    onKeyDown: (event: React.KeyboardEvent) => {
      if (event.key !== " " && event.key !== "Enter") {
        byArrows(event);
        return;
      }
      event.preventDefault();
      if (!event.repeat) go(vector);
    },
    onKeyUp: (event: React.KeyboardEvent) => {
      if (event.key === " " || event.key === "Enter") halt();
      else letGo(event);
    },
    onBlur: halt,
  });
  const others = hold !== null && hold.actor !== me;
  const v = Number(speed);
  return (
    <Panel title={t("ptz.title")}>
      <div className={styles.hold} aria-live="polite">
        {hold ? (
          <>
            {others ? <Mark severity={1} label={t("severity.notice")} /> : null}
            <span>
              {t(hold.locked ? "ptz.locked" : "ptz.moving", {
                who: others ? hold.name : t("ptz.you"),
                until: clock(hold.until / 1000, zone),
                priority: hold.priority,
              })}
            </span>
          </>
        ) : (
          <span className="dim">{t("ptz.free")}</span>
        )}
        <span className="grow" />
        {hold && !others ? (
          <Button
            variant="default"
            size="compact-sm"
            onClick={() => once(take(api.POST("/api/v1/cameras/{id}/ptz/unlock", { params })))}
          >
            {t("ptz.unlock")}
          </Button>
        ) : (
          <Button
            variant="default"
            size="compact-sm"
            onClick={() => once(take(api.POST("/api/v1/cameras/{id}/ptz/lock", { params, body: { seconds: LOCK_SECONDS } })))}
          >
            {t("ptz.lock")}
          </Button>
        )}
      </div>
      <div className={styles.ptz}>
        <div className={styles.side}>
          {ptz.pan_tilt ? (
            <div className={styles.pad} role="group" aria-label={t("ptz.pad")}>
              {DIRECTIONS.map(([name, pan, tilt]) =>
                name === "home" ? (
                  <button
                    key={name}
                    type="button"
                    className={styles.key}
                    aria-label={t("ptz.home")}
                    title={t("ptz.home")}
                    disabled={!ptz.home}
                    onKeyDown={byArrows}
                    onKeyUp={letGo}
                    onBlur={halt}
                    onClick={() => once(take(api.POST("/api/v1/cameras/{id}/ptz/home", { params, body: { set: false } })))}
                  >
                    <Icon name="site" />
                  </button>
                ) : (
                  <button
                    key={name}
                    type="button"
                    className={styles.key}
                    aria-label={word("ptzdirection", name)}
                    disabled={!ptz.continuous}
                    {...press({ pan: pan * v, tilt: tilt * v, zoom: 0 })}
                  >
                    <span style={{ display: "grid", transform: `rotate(${(ARROWS[name] ?? 0) - 90}deg)` }}>
                      <Icon name="forward" />
                    </span>
                  </button>
                ),
              )}
            </div>
          ) : null}
          {ptz.zoom ? (
            <div className={styles.zoom} role="group" aria-label={t("ptz.zoom")}>
              {(["out", "in"] as const).map((way) => (
                <button
                  key={way}
                  type="button"
                  className={`${styles.key ?? ""} grow`}
                  aria-label={word("ptzzoom", way)}
                  title={word("ptzzoom", way)}
                  disabled={!ptz.continuous}
                  {...press({ pan: 0, tilt: 0, zoom: way === "in" ? v : -v })}
                >
                  {way === "in" ? "+" : "−"}
                </button>
              ))}
            </div>
          ) : null}
          <SegmentedControl
            aria-label={t("ptz.speed")}
            size="xs"
            value={speed}
            onChange={setSpeed}
            data={SPEEDS.map((value) => ({ value, label: word("ptzspeed", value) }))}
          />
        </div>
        {ptz.presets > 0 ? <Presets id={id} mayKeep={mayKeep} once={once} /> : null}
        {ptz.tours > 0 ? <Tours id={id} mayKeep={mayKeep} once={once} /> : null}
      </div>
      {ptz.pan_tilt ? <p className="dim">{t("ptz.keys")}</p> : null}
      {error ? <Failure error={error} /> : null}
    </Panel>
  );
}

function Presets({ id, mayKeep, once }: { id: string; mayKeep: boolean; once: (call: Promise<unknown>) => void }) {
  const queries = useQueryClient();
  const [name, setName] = useState("");
  const params = { path: { id } };
  const key = ["presets", id];
  const query = useQuery({
    queryKey: key,
    queryFn: ({ signal }) => take(api.GET("/api/v1/cameras/{id}/ptz/presets", { params, signal })),
    staleTime: 60_000,
  });
  const changing = (call: Promise<unknown>): void =>
    once(
      call.then(() => {
        setName("");
        return queries.invalidateQueries({ queryKey: key });
      }),
    );
  const items = query.data?.items ?? [];
  return (
    <div className={styles.presets}>
      {query.error ? <Failure error={query.error} retry={() => void query.refetch()} /> : null}
      <ul aria-label={t("ptz.presets")}>
        {items.map((preset) => (
          <li key={preset.token}>
            <Button
              className="grow"
              variant="default"
              size="compact-sm"
              justify="flex-start"
              onClick={() =>
                once(take(api.POST("/api/v1/cameras/{id}/ptz/presets/go", { params, body: { preset: preset.token } })))
              }
            >
              {preset.name || preset.token}
            </Button>
            {mayKeep ? (
              <ActionIcon
                aria-label={t("ptz.preset.remove", { name: preset.name || preset.token })}
                title={t("ptz.preset.remove", { name: preset.name || preset.token })}
                onClick={() =>
                  changing(take(api.POST("/api/v1/cameras/{id}/ptz/presets/remove", { params, body: { preset: preset.token } })))
                }
              >
                <Icon name="trash" />
              </ActionIcon>
            ) : null}
          </li>
        ))}
      </ul>
      {query.data && items.length === 0 ? <p className="dim">{t("ptz.presets.none")}</p> : null}
      {mayKeep ? (
        <form
          className={styles.keep}
          onSubmit={(event) => {
            event.preventDefault();
            changing(take(api.POST("/api/v1/cameras/{id}/ptz/presets", { params, body: { name: name.trim() } })));
          }}
        >
          <TextInput
            className="grow"
            aria-label={t("ptz.preset.name")}
            placeholder={t("ptz.preset.name")}
            value={name}
            maxLength={64}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <Button type="submit" variant="default" disabled={name.trim() === ""}>
            {t("ptz.preset.keep")}
          </Button>
        </form>
      ) : null}
    </div>
  );
}
