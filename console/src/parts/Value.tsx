import type { Latest, Point } from "../api/types";
import { grade, qualityName } from "../site/quality";
import { showValue } from "../site/values";
import { t, word } from "../text/t";
import { Mark } from "./Mark";
import styles from "./Mark.module.css";

/** The quality of a value; a good one is calm. */
export function Quality({ code }: { code: number }) {
  const how = grade(code);
  const severity = how === "bad" ? 2 : how === "uncertain" ? 1 : 0;
  return (
    <span className={styles.tag} data-severity={severity} title={`0x${(code >>> 0).toString(16).padStart(8, "0")}`}>
      <Mark severity={severity} />
      {word("quality", qualityName(code))}
    </span>
  );
}

/** A value with its unit and decimals; a bad one is struck out of the eye's way, never shown as if it held. */
export function ValueText({ point, latest }: { point: Pick<Point, "type" | "unit" | "decimals">; latest: Latest | undefined }) {
  if (!latest) return <span className="dim">{t("value.none")}</span>;
  const text = showValue(latest.value, point);
  return (
    <span className={grade(latest.quality) === "bad" ? "dim" : undefined}>
      {text}
      {point.unit && latest.value !== null ? <span className="dim"> {point.unit}</span> : null}
    </span>
  );
}
