import type { Status } from "../api/types";
import { SEVERITIES, severityOf, type Severity } from "../site/severity";
import { t, word } from "../text/t";
import styles from "./Mark.module.css";

const SHAPES: Record<Severity, React.ReactNode> = {
  0: <circle cx="8" cy="8" r="4" fill="none" stroke="currentColor" strokeWidth="1.5" />,
  1: <rect x="3.5" y="3.5" width="9" height="9" fill="currentColor" />,
  2: <path d="M8 1.5 15 14H1Z" fill="currentColor" />,
  3: <path d="M5 1h6l4 4v6l-4 4H5l-4-4V5Z" fill="currentColor" />,
};

/** The shape of a severity; always beside its word, or with it as its label. */
export function Mark({ severity, label }: { severity: Severity; label?: string }) {
  return (
    <svg
      className={styles.mark}
      data-severity={severity}
      viewBox="0 0 16 16"
      role={label ? "img" : undefined}
      aria-label={label}
      aria-hidden={label ? undefined : true}
    >
      {SHAPES[severity]}
    </svg>
  );
}

export function SeverityTag({ severity }: { severity: Severity }) {
  return (
    <span className={styles.tag} data-severity={severity}>
      <Mark severity={severity} />
      {word("severity", SEVERITIES[severity])}
    </span>
  );
}

/** How an entity is now, in shape, colour and word. */
export function StateTag({ status, severity }: { status: Status | undefined; severity?: Severity }) {
  if (!status) return <span className="dim">{t("state.unknown")}</span>;
  const worst = severity ?? severityOf({ ...status, ref: "" });
  return (
    <span className={styles.tag} data-severity={worst} title={status.detail || undefined}>
      <Mark severity={worst} />
      {word("state", status.state)}
    </span>
  );
}
