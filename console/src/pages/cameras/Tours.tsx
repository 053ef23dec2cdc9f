import { Button } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";

import { api, take } from "../../api/client";
import { Failure } from "../../parts/States";
import { t, word } from "../../text/t";
import styles from "./Ptz.module.css";

const STATES = new Set(["Idle", "Touring", "Paused", "Extended"]);
const LOOK_MS = 10_000;

/** The camera's own tours: which there are, which one runs, start and stop. */
export function Tours({ id, once }: { id: string; once: (call: Promise<unknown>) => void }) {
  const queries = useQueryClient();
  const params = { path: { id } };
  const key = ["tours", id];
  const query = useQuery({
    queryKey: key,
    queryFn: ({ signal }) => take(api.GET("/api/v1/cameras/{id}/ptz/tours", { params, signal })),
    refetchInterval: LOOK_MS,
  });
  const items = query.data?.items ?? [];
  const operate = (tour: string, operation: "start" | "stop" | "pause"): void =>
    once(
      take(api.POST("/api/v1/cameras/{id}/ptz/tours", { params, body: { tour, operation } })).then(() =>
        queries.invalidateQueries({ queryKey: key }),
      ),
    );
  if (query.error) return <Failure error={query.error} retry={() => void query.refetch()} />;
  if (items.length === 0) return null;
  return (
    <div className={styles.presets}>
      <ul aria-label={t("ptz.tours")}>
        {items.map((tour) => {
          const name = tour.name || tour.token;
          const running = tour.state === "Touring";
          return (
            <li key={tour.token}>
              <span className="grow">
                {name} <span className="dim">{STATES.has(tour.state) ? word("tourstate", tour.state) : tour.state}</span>
              </span>
              <Button
                variant="default"
                size="compact-sm"
                aria-label={t(running ? "ptz.tour.pause" : "ptz.tour.start", { name })}
                onClick={() => operate(tour.token, running ? "pause" : "start")}
              >
                {running ? t("ptz.pause") : t("ptz.start")}
              </Button>
              <Button
                variant="default"
                size="compact-sm"
                disabled={tour.state === "Idle"}
                aria-label={t("ptz.tour.stop", { name })}
                onClick={() => operate(tour.token, "stop")}
              >
                {t("ptz.stop")}
              </Button>
            </li>
          );
        })}
      </ul>
    </div>
  );
}
