import { Link } from "react-router";

import { useCan } from "../../app/session";
import { Panel } from "../../parts/Panel";
import { Await, Empty } from "../../parts/States";
import { Time } from "../../parts/Time";
import { t, word } from "../../text/t";
import { useMulticast } from "../cameras/multicast";

/** Which camera is sent to which port of this server's group. */
export function MulticastStreams() {
  const may = useCan()("camera.multicast");
  const query = useMulticast(may);
  if (!may) return null;
  const items = query.data?.items ?? [];
  return (
    <Panel title={t("multicast.table")} count={items.length} flush>
      <Await query={query} rows={2}>
        {items.length === 0 ? (
          <Empty what={t("multicast.none", { group: query.data?.group ?? "" })} next={t("multicast.none.next")} />
        ) : (
          <div className="tablebox">
            <table className="plain">
              <thead>
                <tr>
                  <th>{t("cameras.camera")}</th>
                  <th>{t("multicast.address")}</th>
                  <th>{t("multicast.form")}</th>
                  <th>{t("multicast.viewers")}</th>
                  <th>{t("multicast.until")}</th>
                  <th>{t("multicast.dropped")}</th>
                </tr>
              </thead>
              <tbody>
                {items.map((one) => (
                  <tr key={one.port}>
                    <td>
                      <Link to={`/cameras/${one.camera}`}>{one.name}</Link>
                      {one.stream === "sub" ? <div className="dim">{t("multicast.second")}</div> : null}
                    </td>
                    <td className="mono">{one.address}</td>
                    <td>{word("multicast", one.form)}</td>
                    <td>{one.holders}</td>
                    <td>
                      <Time us={one.until} short />
                    </td>
                    <td>{one.dropped}</td>
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
