import { Button } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

import { api, take } from "../../api/client";
import type { BackupStatus } from "../../api/types";
import { useCan } from "../../app/session";
import { Mark } from "../../parts/Mark";
import { Panel } from "../../parts/Panel";
import { Await, Empty, Failure } from "../../parts/States";
import { Time } from "../../parts/Time";
import { size } from "../../site/units";
import { t } from "../../text/t";

const EVERY_MS = 15_000;

/** Where the site is backed up to, when it last was, and how that went. */
export function Backups() {
  const can = useCan();
  const client = useQueryClient();
  const query = useQuery<BackupStatus>({
    queryKey: ["backups"],
    queryFn: ({ signal }) => take(api.GET("/api/v1/backups", { signal })),
    refetchInterval: EVERY_MS,
  });
  const start = useMutation({
    mutationFn: () => take(api.POST("/api/v1/backups/start", {})),
    onSettled: () => client.invalidateQueries({ queryKey: ["backups"] }),
  });
  const told = query.data;
  return (
    <Panel
      title={t("backups.title")}
      flush
      actions={
        told?.destination && can("system.backup") ? (
          <Button variant="default" loading={start.isPending || told.running} onClick={() => start.mutate()}>
            {t("backups.start")}
          </Button>
        ) : null
      }
    >
      <Await query={query} rows={2}>
        {start.error ? <Failure error={start.error} /> : null}
        {told?.late ? (
          <p role="alert" style={{ padding: "0 12px" }}>
            <Mark severity={2} /> {t("backups.late")}
          </p>
        ) : null}
        {told && told.outcomes.length === 0 ? (
          <Empty what={t("backups.none")} next={told.destination ? t("backups.soon") : t("backups.none.next")} />
        ) : null}
        {told && told.outcomes.length > 0 ? (
          <div className="tablebox">
            <table className="plain">
              <thead>
                <tr>
                  <th>{t("backups.where")}</th>
                  <th className="num">{t("backups.done")}</th>
                  <th className="num">{t("backups.size")}</th>
                  <th className="num">{t("backups.stored")}</th>
                  <th>{t("backups.problem")}</th>
                </tr>
              </thead>
              <tbody>
                {told.outcomes.map((one) => (
                  <tr key={one.destination}>
                    <td className="mono">{one.destination}</td>
                    <td className="num">{one.done ? <Time us={one.done} short /> : t("value.none")}</td>
                    <td className="num">{one.done ? size(one.bytes) : t("value.none")}</td>
                    <td className="num">{one.done ? size(one.stored) : t("value.none")}</td>
                    <td>
                      {one.problem ? (
                        <>
                          <Mark severity={3} /> {one.problem}
                        </>
                      ) : (
                        t("value.none")
                      )}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        ) : null}
        {told?.next ? (
          <p className="dim" style={{ padding: "0 12px" }}>
            {t("backups.next")} <Time us={told.next} short />
          </p>
        ) : null}
      </Await>
    </Panel>
  );
}
