import { useZone } from "../app/session";
import type { StoredEvent } from "../api/types";
import { asSeverity, SEVERITIES } from "../site/severity";
import { word } from "../text/t";
import { age } from "../time/age";
import { useNow } from "../time/ticker";
import { stamp } from "../time/zone";
import styles from "./EventRow.module.css";
import { Mark } from "./Mark";

interface Props {
  event: StoredEvent;
  selected?: boolean;
  onOpen: (event: StoredEvent) => void;
}

/** One event on one line: when, how grave, what; a button that opens its detail. */
export function EventRow({ event: stored, selected = false, onOpen }: Props) {
  const { event } = stored;
  const zone = useZone();
  const now = useNow();
  const severity = asSeverity(event.severity ?? 0);
  const ms = event.time / 1000;
  return (
    <button type="button" className={styles.row} data-severity={severity} aria-pressed={selected} onClick={() => onOpen(stored)}>
      <span className={styles.time}>{stamp(ms, zone, now)}</span>
      <span className={styles.age}>{age(now - ms)}</span>
      <Mark severity={severity} label={word("severity", SEVERITIES[severity])} />
      <span className={styles.text} title={event.text}>
        {event.text || event.type}
      </span>
      <span className={styles.type}>{event.type}</span>
    </button>
  );
}
