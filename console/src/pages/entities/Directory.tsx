import { useQueries } from "@tanstack/react-query";
import { Link } from "react-router";

import { api, take } from "../../api/client";
import { listPath } from "../../api/hooks";
import { useCan } from "../../app/session";
import { PageHead, Panel } from "../../parts/Panel";
import { KINDS, PLURALS, type Kind } from "../../site/kinds";
import { t, word } from "../../text/t";

const GROUPS: [string, Kind[]][] = [
  ["places", ["area", "network", "node"]],
  ["people", ["credential-holder", "credential", "holder-group", "access-profile"]],
  ["access", ["controller", "door", "access-point", "schedule", "special-day-group", "authentication-profile", "card-format"]],
  [
    "zones",
    [
      "antipassback-zone",
      "occupancy-zone",
      "interlock-zone",
      "entrance-limit-zone",
      "first-person-zone",
      "fire-zone",
      "intrusion-zone",
    ],
  ],
  ["video", ["camera", "bookmark", "layout", "tour"]],
  ["machines", ["endpoint", "device", "point", "dashboard", "remote-write"]],
  ["users", ["user", "group", "role", "token", "saved-search"]],
];

/** Everything that the site consists of, by kind. */
export function Directory() {
  const can = useCan();
  const kinds = KINDS.filter((kind) => can(`${kind}.list`));
  const counts = useQueries({
    queries: kinds.map((kind) => ({
      queryKey: ["count", kind],
      queryFn: ({ signal }: { signal: AbortSignal }) =>
        take(api.GET(listPath(kind), { params: { query: { limit: 1 } }, signal })).then((page) => page.total),
    })),
  });
  return (
    <>
      <PageHead title={t("nav.site")} />
      <div
        style={{
          display: "grid",
          gridTemplateColumns: "repeat(auto-fit, minmax(min(280px, 100%), 1fr))",
          gap: 12,
          alignItems: "start",
        }}
      >
        {GROUPS.map(([group, members]) => (
          <Panel key={group} title={word("group", group)} flush>
            <table className="plain">
              <tbody>
                {members
                  .filter((kind) => kinds.includes(kind))
                  .map((kind) => (
                    <tr key={kind}>
                      <td>
                        <Link to={`/${PLURALS[kind]}`}>{word("kinds", kind)}</Link>
                      </td>
                      <td className="num">{counts[kinds.indexOf(kind)]?.data ?? ""}</td>
                    </tr>
                  ))}
              </tbody>
            </table>
          </Panel>
        ))}
      </div>
    </>
  );
}
