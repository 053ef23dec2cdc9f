import { ActionIcon, Button, Select } from "@mantine/core";
import type { ReactNode } from "react";

import { useZone } from "../app/session";
import { Icon } from "../parts/Icon";
import { t } from "../text/t";
import { fromField, toField } from "../time/zone";
import { nextSpeed, SPEEDS, speedText } from "./speeds";
import styles from "./Transport.module.css";

export interface Controls {
  at: number;
  /** Nothing runs: it is paused, or live. */
  standing: boolean;
  /** Recordings are shown; speed and frames are then at hand. */
  recorded: boolean;
  speed: number;
  toggle: () => void;
  setSpeed: (speed: number) => void;
  seek: (ms: number) => void;
  /** Goes by a frame. */
  frame: (way: 1 | -1) => void;
  /** Goes to the next or previous recording; null where there is none. */
  recording: (way: 1 | -1) => (() => void) | null;
}

/** What the keys of a player do; true for a key that was taken. */
export function pressed(key: string, controls: Controls): boolean {
  const { at, recorded, seek, speed } = controls;
  if (key === " ") controls.toggle();
  else if (key === "ArrowLeft") seek(at - 10_000);
  else if (key === "ArrowRight" && recorded) seek(at + 10_000);
  else if (key === "," && recorded) controls.frame(-1);
  else if (key === "." && recorded) controls.frame(1);
  else if (key === "<" && recorded) controls.setSpeed(nextSpeed(speed, -1));
  else if (key === ">" && recorded) controls.setSpeed(nextSpeed(speed, 1));
  else if (key === "1" && recorded) controls.setSpeed(1);
  else if (key === "[") controls.recording(-1)?.();
  else if (key === "]") controls.recording(1)?.();
  else return false;
  return true;
}

interface ButtonProps {
  icon: "back" | "forward" | "stepback" | "step" | "play" | "pause";
  text: string;
  onClick: (() => void) | null;
}

function Press({ icon, text, onClick }: ButtonProps) {
  return (
    <ActionIcon onClick={() => onClick?.()} disabled={!onClick} aria-label={text} title={text}>
      <Icon name={icon} />
    </ActionIcon>
  );
}

/** The buttons under recorded pictures: recordings, frames, play, speed, moment. */
export function Transport({ controls, children }: { controls: Controls; children?: ReactNode }) {
  const zone = useZone();
  const { at, standing, recorded, speed } = controls;
  return (
    <div className={styles.controls}>
      <Press icon="back" text={t("viewer.previous")} onClick={controls.recording(-1)} />
      <Press icon="stepback" text={t("viewer.frame.previous")} onClick={recorded ? () => controls.frame(-1) : null} />
      <Press
        icon={standing ? "play" : "pause"}
        text={standing ? t("viewer.play") : t("viewer.pause")}
        onClick={controls.toggle}
      />
      <Press icon="step" text={t("viewer.frame.next")} onClick={recorded ? () => controls.frame(1) : null} />
      <Press icon="forward" text={t("viewer.next")} onClick={controls.recording(1)} />
      <Button variant="default" size="compact-xs" onClick={() => controls.seek(at - 10_000)}>
        {t("viewer.back10")}
      </Button>
      <Select
        aria-label={t("viewer.speed")}
        w={84}
        value={String(speed)}
        onChange={(value) => controls.setSpeed(Number(value ?? "1"))}
        data={SPEEDS.map((value) => ({ value: String(value), label: `${speedText(value)} ×` }))}
        allowDeselect={false}
        disabled={!recorded}
        maxDropdownHeight={400}
      />
      <input
        className={styles.when}
        type="datetime-local"
        step="1"
        aria-label={t("viewer.when", { zone })}
        value={toField(at, zone)}
        onChange={(event) => {
          const ms = fromField(event.currentTarget.value, zone);
          if (ms !== null) controls.seek(ms);
        }}
      />
      <span className="grow" />
      {children}
    </div>
  );
}
