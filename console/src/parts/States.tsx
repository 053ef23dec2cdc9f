import { Button, Skeleton } from "@mantine/core";
import type { ReactNode } from "react";

import { Problem } from "../api/problem";
import { t } from "../text/t";
import { Mark } from "./Mark";
import styles from "./States.module.css";

/** Rows that keep the place of a list while it loads. */
export function Loading({ rows = 4, height = 20 }: { rows?: number; height?: number }) {
  return (
    <div className={styles.loading} role="status" aria-label={t("states.loading")}>
      {Array.from({ length: rows }, (_, i) => (
        <Skeleton key={i} height={height} radius={2} animate={false} />
      ))}
    </div>
  );
}

/** An empty list that says the next step. */
export function Empty({ what, next, action }: { what: string; next?: string; action?: ReactNode }) {
  return (
    <div className={styles.empty}>
      <p className={styles.what}>{what}</p>
      {next ? <p>{next}</p> : null}
      {action}
    </div>
  );
}

/** A refusal: what was wrong, where, and what to do. */
export function Failure({ error, retry }: { error: unknown; retry?: () => void }) {
  const problem = error instanceof Problem ? error : null;
  const lost = problem?.status === 0;
  return (
    <div className={styles.failure} role="alert">
      <Mark severity={2} label={t("severity.warning")} />
      <div>
        <p className={styles.what}>
          {lost ? t("states.unreachable") : (problem?.what ?? t("states.defect"))}
          {problem?.where && !lost ? <span className="dim"> ({problem.where})</span> : null}
        </p>
        <p>{lost ? t("states.unreachable.remedy") : problem ? problem.remedy : t("states.defect.remedy")}</p>
        {retry ? (
          <Button variant="default" onClick={retry}>
            {t("action.retry")}
          </Button>
        ) : null}
      </div>
    </div>
  );
}

interface QueryState {
  isPending: boolean;
  error: unknown;
  refetch: () => unknown;
}

/** Shows the loading or failed state of a query, and its children once there is data. */
export function Await({ query, rows, children }: { query: QueryState; rows?: number; children: ReactNode }) {
  if (query.isPending) return <Loading rows={rows} />;
  if (query.error) return <Failure error={query.error} retry={() => void query.refetch()} />;
  return children;
}
