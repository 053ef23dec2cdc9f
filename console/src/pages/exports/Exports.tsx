import { Button, Progress, Switch } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";

import { api, take } from "../../api/client";
import { useAll } from "../../api/hooks";
import type { Camera, ExportJob } from "../../api/types";
import { useCan } from "../../app/session";
import { Mark } from "../../parts/Mark";
import { PageHead, Panel } from "../../parts/Panel";
import { Await, Empty, Failure } from "../../parts/States";
import { Time } from "../../parts/Time";
import { size } from "../../site/units";
import { t, word } from "../../text/t";

const EVERY_MS = 2000;

/** The same export once more; a file that is whole lies where the browser saved it. */
function address(job: ExportJob): string {
  const query = new URLSearchParams(job.cameras.map((id) => ["camera", id]));
  query.set("start", String(job.start));
  query.set("end", String(job.end));
  query.set("reason", job.reason);
  return `/api/v1/exports/video.zip?${query.toString()}`;
}

function State({ job }: { job: ExportJob }) {
  const percent = job.total > 0 ? Math.min(99, Math.floor((job.bytes / job.total) * 100)) : 0;
  return (
    <>
      <span className="row">
        {job.state === "cut" ? <Mark severity={2} /> : null}
        {job.state === "writing" ? t("exports.percent", { percent }) : word("exports.state", job.state)}
      </span>
      {job.state === "writing" ? <Progress value={percent} aria-label={t("exports.progress")} size="sm" /> : null}
      {job.forgotten ? (
        <div className="dim">
          {t("exports.forgotten")} <Time us={job.forgotten} short />
        </div>
      ) : null}
    </>
  );
}

/** Exports that are written now or were within a day: how far, how large, by whom and why. */
export function Exports() {
  const can = useCan();
  const client = useQueryClient();
  const manages = can("export.manage");
  const [all, setAll] = useState(false);
  const cameras = useAll<Camera>("camera");
  const names = new Map((cameras.data ?? []).map((camera) => [camera.id, camera.name]));
  const query = useQuery({
    queryKey: ["exports", all],
    queryFn: ({ signal }) => take(api.GET("/api/v1/exports", { params: { query: { all } }, signal })),
    refetchInterval: EVERY_MS,
    placeholderData: (held) => held,
  });
  const cancel = useMutation({
    mutationFn: (id: string) => take(api.POST("/api/v1/exports/{id}/cancel", { params: { path: { id } } })),
    onSettled: () => client.invalidateQueries({ queryKey: ["exports"] }),
  });
  const jobs = query.data?.items ?? [];
  return (
    <>
      <PageHead
        title={t("nav.exports")}
        actions={
          manages ? (
            <Switch checked={all} onChange={(event) => setAll(event.currentTarget.checked)} label={t("exports.all")} />
          ) : null
        }
      />
      <Panel title={t("exports.title")} count={jobs.length} flush>
        {cancel.error ? <Failure error={cancel.error} /> : null}
        <Await query={query} rows={4}>
          {jobs.length === 0 ? (
            <Empty
              what={t("exports.none")}
              next={t("exports.none.next")}
              action={<Link to="/cameras">{t("exports.none.link")}</Link>}
            />
          ) : (
            <div className="tablebox">
              <table className="plain">
                <thead>
                  <tr>
                    <th>{t("exports.state")}</th>
                    <th>{t("exports.cameras")}</th>
                    <th className="wide-only">{t("exports.span")}</th>
                    <th className="num wide-only">{t("exports.size")}</th>
                    <th className="wide-only">{t("exports.by")}</th>
                    <th>{t("exports.do")}</th>
                  </tr>
                </thead>
                <tbody>
                  {jobs.map((job) => (
                    <tr key={job.id}>
                      <td style={{ minWidth: 120 }}>
                        <State job={job} />
                      </td>
                      <td>
                        {job.cameras.map((id) => names.get(id) ?? id).join(", ")}
                        <div className="dim">{job.reason}</div>
                      </td>
                      <td className="wide-only">
                        <Time us={job.start} short /> – <Time us={job.end} short />
                      </td>
                      <td className="num wide-only">
                        {size(job.bytes)}
                        {job.state === "writing" ? <div className="dim">{t("exports.of", { size: size(job.total) })}</div> : null}
                      </td>
                      <td className="wide-only">
                        {job.by.replace(/^user:/, "")}
                        <div className="dim">
                          <Time us={job.begun} short />
                        </div>
                      </td>
                      <td>
                        {job.state === "writing" ? (
                          <Button
                            variant="default"
                            size="compact-xs"
                            loading={cancel.isPending && cancel.variables === job.id}
                            onClick={() => cancel.mutate(job.id)}
                          >
                            {t("exports.cancel")}
                          </Button>
                        ) : (
                          <Button component="a" href={address(job)} download variant="default" size="compact-xs">
                            {t("exports.again")}
                          </Button>
                        )}
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          )}
        </Await>
      </Panel>
      <p className="dim">{t("exports.about")}</p>
    </>
  );
}
