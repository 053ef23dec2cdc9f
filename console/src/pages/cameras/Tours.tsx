import { ActionIcon, Button } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { api, take } from "../../api/client";
import type { PresetTour } from "../../api/types";
import { Icon } from "../../parts/Icon";
import { Failure } from "../../parts/States";
import { t, word } from "../../text/t";
import styles from "./Ptz.module.css";
import { TourForm } from "./TourForm";

const STATES = new Set(["Idle", "Touring", "Paused", "Extended"]);
const LOOK_MS = 10_000;

interface Props {
  id: string;
  mayKeep: boolean;
  once: (call: Promise<unknown>) => void;
}

/** The camera's own tours: which there are, which one runs, start and stop; made, changed and removed by who may keep presets. */
export function Tours({ id, mayKeep, once }: Props) {
  const queries = useQueryClient();
  const [editing, setEditing] = useState<PresetTour | "new" | null>(null);
  const params = { path: { id } };
  const key = ["tours", id];
  const query = useQuery({
    queryKey: key,
    queryFn: ({ signal }) => take(api.GET("/api/v1/cameras/{id}/ptz/tours", { params, signal })),
    refetchInterval: LOOK_MS,
  });
  const items = query.data?.items ?? [];
  const changing = (call: Promise<unknown>): void => once(call.then(() => queries.invalidateQueries({ queryKey: key })));
  const operate = (tour: string, operation: "start" | "stop" | "pause"): void =>
    changing(take(api.POST("/api/v1/cameras/{id}/ptz/tours", { params, body: { tour, operation } })));
  if (query.error) return <Failure error={query.error} retry={() => void query.refetch()} />;
  if (items.length === 0 && !mayKeep) return null;
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
              {mayKeep ? (
                <>
                  <ActionIcon
                    aria-label={t("ptz.tour.edit.of", { name })}
                    title={t(tour.whole ? "ptz.tour.edit.of" : "ptz.tour.strange", { name })}
                    disabled={tour.state !== "Idle" || !tour.whole}
                    onClick={() => setEditing(tour)}
                  >
                    <Icon name="edit" />
                  </ActionIcon>
                  <ActionIcon
                    aria-label={t("ptz.tour.remove", { name })}
                    title={t("ptz.tour.remove", { name })}
                    disabled={tour.state !== "Idle"}
                    onClick={() =>
                      changing(take(api.POST("/api/v1/cameras/{id}/ptz/tours/remove", { params, body: { tour: tour.token } })))
                    }
                  >
                    <Icon name="trash" />
                  </ActionIcon>
                </>
              ) : null}
            </li>
          );
        })}
      </ul>
      {query.data && items.length === 0 ? <p className="dim">{t("ptz.tours.none")}</p> : null}
      {mayKeep ? (
        <div>
          <Button variant="default" size="compact-sm" onClick={() => setEditing("new")}>
            {t("ptz.tour.new")}
          </Button>
        </div>
      ) : null}
      {editing !== null ? (
        <TourForm
          id={id}
          tour={editing === "new" ? null : editing}
          onClose={(changed) => {
            setEditing(null);
            if (changed) void queries.invalidateQueries({ queryKey: key });
          }}
        />
      ) : null}
    </div>
  );
}
