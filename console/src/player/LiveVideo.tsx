import { useEffect, useRef, useState } from "react";

import { useStatus } from "../live/status";
import { Mark } from "../parts/Mark";
import { t } from "../text/t";
import { age } from "../time/age";
import { useNow } from "../time/ticker";
import { LivePlayer, type Phase } from "./live";
import styles from "./Video.module.css";

/** No fragment for this long and the picture is called stale. */
const STALE_MS = 3000;

function label(phase: Phase, fresh: number, now: number, codec: string): string | null {
  if (phase === "unsupported") return t("video.unsupported", { codec });
  if (fresh === 0) return phase === "lost" ? t("video.lost") : t("video.connecting");
  if (phase === "lost" || now - fresh > STALE_MS) return t("video.stale", { age: age(now - fresh) });
  return null;
}

/** The live picture of a camera, with a plain sign when it is not live. */
export function LiveVideo({ camera, name = "" }: { camera: string; name?: string }) {
  const video = useRef<HTMLVideoElement>(null);
  const player = useRef<LivePlayer | null>(null);
  const [view, setView] = useState<{ phase: Phase; codec: string }>({ phase: "connecting", codec: "" });
  const [fresh, setFresh] = useState(0);
  const now = useNow();
  const status = useStatus(`camera:${camera}`);

  useEffect(() => {
    if (!video.current) return undefined;
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const url = `${scheme}://${location.host}/api/v1/cameras/${encodeURIComponent(camera)}/live`;
    const made = new LivePlayer(video.current, url, () => setView({ phase: made.phase, codec: made.head?.codec ?? "" }));
    player.current = made;
    const timer = setInterval(() => setFresh(made.fresh), 500);
    return () => {
      clearInterval(timer);
      player.current = null;
      made.stop();
    };
  }, [camera]);

  const problem = label(view.phase, fresh, now, view.codec);
  return (
    <div className={styles.frame} data-stale={problem !== null}>
      <video
        ref={video}
        className={styles.video}
        muted
        playsInline
        disablePictureInPicture
        aria-label={t("video.live.of", { name: name || camera })}
      />
      {problem ? (
        <div className={styles.sign} role="status">
          <Mark severity={view.phase === "connecting" && fresh === 0 ? 0 : 2} />
          <span>
            {problem}
            {status && status.state !== "online" && status.detail ? ` · ${status.detail}` : ""}
          </span>
        </div>
      ) : null}
    </div>
  );
}
