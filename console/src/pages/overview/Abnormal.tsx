import { useStatuses } from "../../live/status";
import { EntityLink } from "../../parts/EntityLink";
import { SeverityTag } from "../../parts/Mark";
import { Panel } from "../../parts/Panel";
import { Time } from "../../parts/Time";
import { doorAlarm, field, severityOf } from "../../site/severity";
import { ownerOf, splitRef } from "../../site/kinds";
import type { Status } from "../../api/types";
import { t, word } from "../../text/t";
import styles from "./Overview.module.css";

function reason(status: Status): string {
  const said = [word("state", status.state)];
  const alarm = doorAlarm(status);
  if (alarm) said.unshift(word("alarm", alarm));
  else if (status.ref.startsWith("door:") && field(status, "mode")) said.unshift(word("mode", field(status, "mode")));
  if (status.detail) said.push(status.detail);
  return said.join(" · ");
}

/** Everything that is not as it should be, the gravest first, the newest first among equals. */
export function Abnormal() {
  const statuses = useStatuses();
  const rows = [...statuses.values()]
    .map((status) => ({ status, severity: severityOf(status) }))
    .filter(({ severity }) => severity > 0)
    // A camera that is off is one thing to mend, not two.
    .filter(({ status }) => ownerOf(status.ref) === status.ref || statuses.get(ownerOf(status.ref))?.state !== "offline")
    .sort((a, b) => b.severity - a.severity || b.status.since - a.status.since);
  return (
    <Panel title={t("overview.abnormal")} count={rows.length} flush>
      {rows.length === 0 ? <p className={styles.calm}>{statuses.size > 0 ? t("overview.calm") : t("overview.waiting")}</p> : null}
      <ul className={styles.abnormal}>
        {rows.slice(0, 12).map(({ status, severity }) => (
          <li key={status.ref} data-severity={severity}>
            <SeverityTag severity={severity} />
            <span>
              <EntityLink to={ownerOf(status.ref)} /> <span className="dim">{word("kind", splitRef(status.ref).kind)}</span>
              <br />
              {reason(status)}
            </span>
            <Time us={status.since} />
          </li>
        ))}
      </ul>
      {rows.length > 12 ? <p className={styles.calm}>{t("overview.more", { n: rows.length - 12 })}</p> : null}
    </Panel>
  );
}
