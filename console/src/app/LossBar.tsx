import { useConnection } from "../live/live";
import { Mark } from "../parts/Mark";
import { t } from "../text/t";
import { age } from "../time/age";
import { useNow } from "../time/ticker";
import { clock } from "../time/zone";
import styles from "./LossBar.module.css";
import { useZone } from "./session";

/** Says that what is shown is old, and since when, while the live connection is away. */
export function LossBar() {
  const { state, heard } = useConnection();
  const zone = useZone();
  const now = useNow();
  if (state !== "lost") return null;
  return (
    <div className={styles.bar} role="alert">
      <Mark severity={2} />
      <span>{heard > 0 ? t("loss.since", { time: clock(heard, zone), age: age(now - heard) }) : t("loss.never")}</span>
    </div>
  );
}
