import { Switch } from "@mantine/core";
import { useCallback, useState, type ComponentProps } from "react";

import { useSigned } from "../app/session";
import { t } from "../text/t";
import { LiveVideo } from "./LiveVideo";
import styles from "./Live.module.css";
import { useWay } from "./way";
import { WebrtcVideo } from "./WebrtcVideo";
import { Zoom } from "./Zoom";
import type { Failed } from "./webrtc";

/** The live picture of a camera in the way that its viewer chose, with the choice below it. */
export function Live(props: ComponentProps<typeof LiveVideo>) {
  const { user } = useSigned().session;
  const [way, choose] = useWay(user.id);
  const [failed, setFailed] = useState<Failed | null>(null);
  const [delay, setDelay] = useState<number | null>(null);
  const onFailed = useCallback((why: Failed) => setFailed(why), []);
  const fastest = way === "fastest" && failed === null;
  return (
    <>
      <Zoom>
        {fastest ? (
          <WebrtcVideo camera={props.camera} name={props.name} onFailed={onFailed} onDelay={setDelay} />
        ) : (
          <LiveVideo {...props} />
        )}
      </Zoom>
      <div className={styles.way}>
        <Switch
          size="xs"
          label={t("live.fastest")}
          checked={way === "fastest"}
          onChange={(event) => {
            setFailed(null);
            choose(event.currentTarget.checked ? "fastest" : "usual");
          }}
        />
        {fastest && delay !== null ? (
          <span className={`${styles.delay} dim`} title={t("live.delay.about")}>
            {t("live.delay", { ms: Math.round(delay * 1000) })}
          </span>
        ) : null}
        {way === "fastest" && failed ? (
          <span role="status">
            {failed.kind === "udp" ? t("live.fallback.udp") : t("live.fallback.refused", { detail: failed.detail })}
          </span>
        ) : null}
      </div>
    </>
  );
}
