import { Button } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { api, take } from "../../api/client";
import type { Finding } from "../../api/types";
import { Command } from "../../parts/Command";
import { Icon } from "../../parts/Icon";
import { Mark } from "../../parts/Mark";
import { Panel } from "../../parts/Panel";
import { Await, Empty, Failure } from "../../parts/States";
import { Time } from "../../parts/Time";
import type { Severity } from "../../site/severity";
import { t, word } from "../../text/t";
import styles from "./Doctor.module.css";

const KEY = ["doctor"] as const;
/** Seconds that findings of an earlier look are shown for; looking anew is one press away. */
const MAX_AGE = 3600;
const SEVERITY: Record<Finding["level"], Severity> = { error: 3, warning: 2, ok: 0 };

const look = (max_age: number, signal?: AbortSignal) =>
  take(api.GET("/api/v1/network/doctor", { params: { query: { max_age } }, signal }));

function Item({ finding }: { finding: Finding }) {
  return (
    <li className={styles.finding}>
      <span className={styles.level} data-severity={SEVERITY[finding.level]}>
        <Mark severity={SEVERITY[finding.level]} /> {word("finding", finding.level)}
      </span>
      <div className={styles.text}>
        <p className={styles.what}>
          <span className="dim">{finding.check}:</span> {finding.what}
        </p>
        {finding.why ? (
          <p className="dim">
            {t("doctor.why")} {finding.why}
          </p>
        ) : null}
        {finding.remedy ? <p>{finding.remedy}</p> : null}
        {finding.command ? <Command text={finding.command} label={finding.what} /> : null}
      </div>
    </li>
  );
}

function Items({ items }: { items: readonly Finding[] }) {
  const bad = items.filter((finding) => finding.level !== "ok");
  const fine = items.filter((finding) => finding.level === "ok");
  if (items.length === 0) return <Empty what={t("doctor.none")} next={t("doctor.none.next")} />;
  return (
    <>
      {bad.length === 0 ? (
        <p className={styles.fine}>{t("doctor.all")}</p>
      ) : (
        <ul className={styles.list}>
          {bad.map((finding) => (
            <Item key={`${finding.check} ${finding.what}`} finding={finding} />
          ))}
        </ul>
      )}
      {fine.length > 0 ? (
        <details className={styles.fine}>
          <summary>{t("doctor.fine", { n: fine.length })}</summary>
          <ul className={styles.list}>
            {fine.map((finding) => (
              <Item key={`${finding.check} ${finding.what}`} finding={finding} />
            ))}
          </ul>
        </details>
      ) : null}
    </>
  );
}

/** What stands in the way of the node on its machine, why it matters, and what mends it. */
export function Doctor() {
  const queries = useQueryClient();
  const [looking, setLooking] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const query = useQuery({
    queryKey: KEY,
    queryFn: ({ signal }) => look(MAX_AGE, signal),
    staleTime: Infinity,
    retry: false,
  });
  const again = (): void => {
    setLooking(true);
    setError(null);
    look(0)
      .then((found) => queries.setQueryData(KEY, found), setError)
      .finally(() => setLooking(false));
  };
  const findings = query.data;
  const busy = looking || query.isFetching;
  const count = (level: Finding["level"]): number => findings?.items.filter((finding) => finding.level === level).length ?? 0;
  const errors = count("error");
  const warnings = count("warning");
  return (
    <Panel
      title={t("doctor.title")}
      count={errors + warnings > 0 ? t("doctor.counts", { errors, warnings, gap: errors && warnings ? ", " : "" }) : undefined}
      actions={
        <Button variant="default" onClick={again} loading={busy} leftSection={<Icon name="search" size={14} />}>
          {t("doctor.again")}
        </Button>
      }
      flush
    >
      <p className={`dim ${styles.line ?? ""}`} role="status">
        {busy ? (
          t("doctor.running")
        ) : findings ? (
          <>
            {t("doctor.looked")} <Time us={findings.time} /> {t("doctor.took", { s: findings.took.toFixed(1) })}
          </>
        ) : (
          t("doctor.about")
        )}
      </p>
      {error ? <Failure error={error} retry={again} /> : null}
      <Await query={query} rows={3}>
        {findings ? <Items items={findings.items} /> : null}
      </Await>
    </Panel>
  );
}
