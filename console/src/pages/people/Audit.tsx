import { useQuery } from "@tanstack/react-query";

import { api, take } from "../../api/client";
import { EntityLink } from "../../parts/EntityLink";
import { Panel } from "../../parts/Panel";
import { Await, Empty } from "../../parts/States";
import { Time } from "../../parts/Time";
import { t, word } from "../../text/t";

/** Who asked for what, and what came of it: the newest entries of the audit log. */
export function Audit() {
  const query = useQuery({
    queryKey: ["audit"],
    queryFn: ({ signal }) => take(api.GET("/api/v1/audit", { params: { query: { limit: 200 } }, signal })),
  });
  const items = query.data?.items ?? [];
  return (
    <Panel title={t("people.audit")} flush>
      <Await query={query} rows={8}>
        {items.length === 0 ? <Empty what={t("audit.none")} next={t("audit.none.next")} /> : null}
        <div className="tablebox">
          <table className="plain">
            <tbody>
              {items.map((entry) => (
                <tr key={entry.seq}>
                  <td>
                    <Time us={entry.time} />
                  </td>
                  <td>
                    <EntityLink to={entry.actor} />
                  </td>
                  <td className="mono">{entry.action}</td>
                  <td>{entry.entity && entry.entity !== "*" ? <EntityLink to={entry.entity} /> : null}</td>
                  <td>{word("outcome", entry.outcome)}</td>
                  <td>{entry.reason}</td>
                  <td className="dim">{entry.remote}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </Await>
    </Panel>
  );
}
