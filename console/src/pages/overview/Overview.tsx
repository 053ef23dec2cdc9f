import { RecentEvents } from "../../parts/RecentEvents";
import { t } from "../../text/t";
import { Abnormal } from "./Abnormal";
import styles from "./Overview.module.css";
import { CamerasPanel, DoorsPanel, PointsPanel } from "./panels";

/** What matters now, without scrolling: first what is not normal, then doors, cameras, points and what just happened. */
export function Overview() {
  return (
    <div className={styles.grid}>
      <div className={styles.main}>
        <Abnormal />
        <DoorsPanel />
        <CamerasPanel />
        <PointsPanel />
      </div>
      <div className={styles.side}>
        <Recent />
      </div>
    </div>
  );
}

function Recent() {
  return <RecentEvents title={t("overview.recent")} limit={40} />;
}
