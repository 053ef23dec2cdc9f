import { useQuery } from "@tanstack/react-query";
import { Fragment } from "react";

import { api, take } from "../../api/client";
import { EntityLink } from "../../parts/EntityLink";
import { SeverityTag } from "../../parts/Mark";
import { Panel } from "../../parts/Panel";
import { Await, Empty } from "../../parts/States";
import { t } from "../../text/t";

/** What a controller of another make cannot keep of the site's rules, and what it does instead. */
export function ControllerLimits({ id }: { id: string }) {
  const query = useQuery({
    queryKey: ["controllers", "limits", id],
    queryFn: ({ signal }) => take(api.GET("/api/v1/controllers/limits", { params: { query: { id } }, signal })),
    refetchInterval: 15_000,
  });
  const limits = query.data?.items[0]?.limits ?? [];
  return (
    <Panel title={t("limits.title")} count={limits.length > 0 ? limits.length : undefined} flush>
      <Await query={query} rows={3}>
        {limits.length === 0 ? (
          <Empty what={t("limits.none")} />
        ) : (
          <div className="tablebox">
            <table className="plain">
              <tbody>
                {limits.map((limit) => (
                  <tr key={`${limit.rule} ${limit.text}`}>
                    <td style={{ verticalAlign: "top", whiteSpace: "nowrap" }}>
                      <SeverityTag severity={limit.severity === "warning" ? 2 : 1} />
                    </td>
                    <td>
                      {limit.text}
                      <div className="dim">
                        {limit.entities.map((entity, at) => (
                          <Fragment key={entity}>
                            {at > 0 ? ", " : ""}
                            <EntityLink to={entity} />
                          </Fragment>
                        ))}
                        {limit.count > limit.entities.length
                          ? ` ${t("limits.more", { count: limit.count - limit.entities.length })}`
                          : null}
                      </div>
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </Await>
    </Panel>
  );
}
