import { useEffect, useRef, useState } from "react";

import { useStatus } from "../live/status";
import { Mark } from "../parts/Mark";
import { t } from "../text/t";
import { age } from "../time/age";
import { useNow } from "../time/ticker";
import { JPEG, pictureName } from "./codecs";
import { LivePlayer, type Phase } from "./live";
import { SoundButton } from "./SoundButton";
import styles from "./Video.module.css";

/** No fragment for this long and the picture is called stale. */
const STALE_MS = 3000;

function label(phase: Phase, fresh: number, now: number, codec: string): string | null {
  if (phase === "unsupported") return t("video.unsupported", { codec: pictureName(codec) });
  if (fresh === 0) return phase === "lost" ? t("video.lost") : t("video.connecting");
  if (phase === "lost" || now - fresh > STALE_MS) return t("video.stale", { age: age(now - fresh) });
  return null;
}

function address(camera: string, media = ""): string {
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  return `${scheme}://${location.host}/api/v1/cameras/${encodeURIComponent(camera)}/live${media}`;
}

/**
 * The live picture of a camera, with its sound where it is wanted, and with a plain sign when it is not live. A small one takes the
 * camera's second stream where it has one.
 */
export function LiveVideo({ camera, name = "", small = false }: { camera: string; name?: string; small?: boolean }) {
  const video = useRef<HTMLVideoElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [view, setView] = useState<{ phase: Phase; codec: string; audio: string }>({ phase: "connecting", codec: "", audio: "" });
  const [fresh, setFresh] = useState(0);
  const [heard, setHeard] = useState(false);
  const now = useNow();
  const status = useStatus(`camera:${camera}`);

  useEffect(() => {
    if (!video.current || !canvas.current) return undefined;
    const made = new LivePlayer(
      video.current,
      address(camera, small ? "?stream=sub" : ""),
      () => setView({ phase: made.phase, codec: made.head?.codec ?? "", audio: made.head?.audio ?? "" }),
      { kind: "video", canvas: canvas.current },
    );
    const timer = setInterval(() => setFresh(made.fresh), 500);
    return () => {
      clearInterval(timer);
      made.stop();
    };
  }, [camera, small]);

  useEffect(() => {
    if (!heard || !view.audio || !video.current) return undefined;
    const sound = new Audio();
    const made = new LivePlayer(sound, address(camera, "?media=audio"), () => undefined, {
      kind: "audio",
      leader: video.current,
    });
    return () => {
      made.stop();
      sound.pause();
      sound.removeAttribute("src");
    };
  }, [camera, heard, view.audio]);

  const drawn = view.codec === JPEG;
  const problem = label(view.phase, fresh, now, view.codec);
  return (
    <div className={styles.frame} data-stale={problem !== null}>
      <video
        ref={video}
        className={styles.video}
        hidden={drawn}
        muted
        playsInline
        disablePictureInPicture
        aria-label={t("video.live.of", { name: name || camera })}
      />
      <canvas
        ref={canvas}
        className={styles.video}
        hidden={!drawn}
        aria-label={drawn ? t("video.live.of", { name: name || camera }) : undefined}
      />
      {view.audio ? <SoundButton on={heard} onChange={setHeard} /> : null}
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
