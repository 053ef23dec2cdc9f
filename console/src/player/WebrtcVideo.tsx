import { useEffect, useRef, useState } from "react";

import { useStatus } from "../live/status";
import { Mark } from "../parts/Mark";
import { t } from "../text/t";
import { age } from "../time/age";
import { useNow } from "../time/ticker";
import type { Phase } from "./live";
import { SoundButton } from "./SoundButton";
import { WebrtcPlayer, type Failed } from "./webrtc";
import styles from "./Video.module.css";

/** No picture for this long and it is called stale. */
const STALE_MS = 2000;
/** Sound that WebRTC carries as cameras send it. */
const CARRIED = new Set(["opus", "ulaw", "alaw"]);

/** The live picture of a camera by WebRTC; `onFailed` where the usual way has to be taken. */
export function WebrtcVideo({
  camera,
  name = "",
  onFailed,
  onDelay,
}: {
  camera: string;
  name?: string;
  onFailed: (why: Failed) => void;
  onDelay: (seconds: number | null) => void;
}) {
  const video = useRef<HTMLVideoElement>(null);
  const [phase, setPhase] = useState<Phase>("connecting");
  const [fresh, setFresh] = useState(0);
  const [heard, setHeard] = useState(false);
  const now = useNow();
  const status = useStatus(`camera:${camera}`);
  const sound = status?.data.audio;

  useEffect(() => {
    if (video.current) video.current.muted = !heard;
  }, [heard]);

  useEffect(() => {
    if (!video.current) return undefined;
    const made = new WebrtcPlayer(
      video.current,
      `/api/v1/cameras/${encodeURIComponent(camera)}/whep`,
      () => setPhase(made.phase),
      onFailed,
      heard,
    );
    const timer = setInterval(() => {
      setFresh(made.fresh);
      void made.look().then(
        () => onDelay(made.delay?.seconds ?? null),
        () => undefined,
      );
    }, 1000);
    return () => {
      clearInterval(timer);
      made.stop();
      onDelay(null);
    };
  }, [camera, heard, onFailed, onDelay]);

  const late = phase === "lost" || (fresh > 0 && now - fresh > STALE_MS);
  const problem = late ? t("video.stale", { age: age(now - fresh) }) : phase === "connecting" ? t("video.connecting") : null;
  return (
    <div className={styles.frame} data-stale={problem !== null}>
      <video
        ref={video}
        className={styles.video}
        muted
        autoPlay
        playsInline
        disablePictureInPicture
        aria-label={t("video.live.of", { name: name || camera })}
      />
      {typeof sound === "string" && CARRIED.has(sound) ? <SoundButton on={heard} onChange={setHeard} /> : null}
      {problem ? (
        <div className={styles.sign} role="status">
          <Mark severity={phase === "connecting" && fresh === 0 ? 0 : 2} />
          <span>
            {problem}
            {status && status.state !== "online" && status.detail ? ` · ${status.detail}` : ""}
          </span>
        </div>
      ) : null}
    </div>
  );
}
