import { useState } from "react";

import { useZone } from "../app/session";
import type { PointColumns } from "../api/types";
import { t } from "../text/t";
import { stamp } from "../time/zone";
import styles from "./Chart.module.css";
import { lineOf, rowsOf } from "./model";

/** Rows in the page; a file holds all of them. */
const MOST = 500;

/** What the picture shows, as a table: for those who do not see it, and to read a value exactly. */
export function Values({ items }: { items: readonly PointColumns[] }) {
  const [open, setOpen] = useState(false);
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{t("chart.values")}</summary>
      {open ? <Table items={items} /> : null}
    </details>
  );
}

function Table({ items }: { items: readonly PointColumns[] }) {
  const zone = useZone();
  const shown = items.filter((one) => one.times.length > 0);
  const numbers = shown.filter((one) => one.type !== "string");
  const rows = rowsOf(numbers.map((one) => lineOf(one))).reverse();
  return (
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls takes the keys that scroll it
    <div className={styles.values} tabIndex={0} role="region" aria-label={t("chart.values")}>
      <table>
        <thead>
          <tr>
            <th scope="col">{t("event.time")}</th>
            {numbers.map((one) => (
              <th key={one.point} scope="col">
                {one.unit ? t("chart.unit", { name: one.name, unit: one.unit }) : one.name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, MOST).map((row) => (
            <tr key={row.time}>
              <th scope="row">{stamp(row.time, zone, 0)}</th>
              {row.cells.map((cell, n) => (
                <td key={numbers[n]?.point}>{cell ?? t("value.none")}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length > MOST ? <p className="dim">{t("chart.values.more", { n: rows.length - MOST })}</p> : null}
    </div>
  );
}
