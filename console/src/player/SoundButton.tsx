import { ActionIcon } from "@mantine/core";

import { Icon } from "../parts/Icon";
import { t } from "../text/t";
import styles from "./Video.module.css";

/** Turns the sound of a picture on and off; it is off until somebody asks for it. */
export function SoundButton({ on, onChange }: { on: boolean; onChange: (on: boolean) => void }) {
  const text = on ? t("video.sound.off") : t("video.sound.on");
  return (
    <ActionIcon className={styles.sound} onClick={() => onChange(!on)} aria-pressed={on} aria-label={text} title={text}>
      <Icon name={on ? "sound" : "silent"} />
    </ActionIcon>
  );
}
