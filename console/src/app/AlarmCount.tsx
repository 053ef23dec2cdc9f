import { Link } from "react-router";

import { useStatuses } from "../live/status";
import { Mark } from "../parts/Mark";
import { severityOf } from "../site/severity";
import { t } from "../text/t";
import styles from "./AlarmCount.module.css";

/** How many things are not as they should be, on every page. */
export function AlarmCount() {
  const statuses = useStatuses();
  let alarms = 0;
  let warnings = 0;
  for (const status of statuses.values()) {
    const severity = severityOf(status);
    if (severity === 3) alarms++;
    else if (severity === 2) warnings++;
  }
  return (
    <Link to="/" className={styles.count} aria-label={t("alarms.label", { alarms, warnings })}>
      <span data-on={alarms > 0} data-severity="3">
        <Mark severity={3} /> {alarms}
      </span>
      <span data-on={warnings > 0} data-severity="2">
        <Mark severity={2} /> {warnings}
      </span>
    </Link>
  );
}
