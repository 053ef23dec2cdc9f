import { Mark } from "../../parts/Mark";
import { Panel } from "../../parts/Panel";
import { t } from "../../text/t";
import styles from "./Servers.module.css";
import { useFoundServers } from "./servers";

/** Servers that send live media to this server's multicast group; nothing while there are none. */
export function Collisions() {
  const collisions = useFoundServers().data?.collisions ?? [];
  if (collisions.length === 0) return null;
  return (
    <Panel title={t("collision.title")} count={collisions.length} flush>
      <p className={styles.line}>
        <Mark severity={3} label={t("severity.alarm")} /> {t("collision.about")}
      </p>
      <div className="tablebox">
        <table className={`plain ${styles.table ?? ""}`}>
          <thead>
            <tr>
              <th>{t("collision.server")}</th>
              <th>{t("servers.address")}</th>
              <th>{t("collision.also")}</th>
              <th>{t("collision.offer")}</th>
              <th>{t("collision.key")}</th>
            </tr>
          </thead>
          <tbody>
            {collisions.map((one) => (
              <tr key={one.id}>
                <td className={styles.name}>{one.name}</td>
                <td className="mono">{one.address}</td>
                <td className="mono">{one.group}</td>
                <td className="mono">{one.offer || t("value.none")}</td>
                <td className="mono" title={one.key}>
                  {one.key.slice(0, 23)}…
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p className={`dim ${styles.last ?? ""}`}>{t("collision.do")}</p>
    </Panel>
  );
}
