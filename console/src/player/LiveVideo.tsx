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

interface View {
  phase: Phase;
  codec: string;
  audio: string;
  /** What the camera sends, where the server converts it. */
  converted: string;
  foreign: string;
  refusal: string;
}

const NOTHING: View = { phase: "connecting", codec: "", audio: "", converted: "", foreign: "", refusal: "" };

function view(player: LivePlayer): View {
  const { phase, head, foreign, refusal } = player;
  return { phase, codec: head?.codec ?? "", audio: head?.audio ?? "", converted: head?.converted ?? "", foreign, refusal };
}

function label({ phase, codec, foreign, refusal }: View, fresh: number, now: number): string | null {
  if (phase === "unsupported") return t("video.unsupported", { codec: pictureName(codec) });
  if (refusal && foreign) return t("video.unconverted", { codec: pictureName(foreign), why: refusal });
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
  const [shown, setShown] = useState(NOTHING);
  const [fresh, setFresh] = useState(0);
  const [heard, setHeard] = useState(false);
  const now = useNow();
  const status = useStatus(`camera:${camera}`);

  useEffect(() => {
    if (!video.current || !canvas.current) return undefined;
    const second = small ? "stream=sub" : "";
    const made = new LivePlayer(video.current, address(camera, second && `?${second}`), () => setShown(view(made)), {
      kind: "video",
      canvas: canvas.current,
      converted: address(camera, `?media=converted${second && `&${second}`}`),
    });
    const timer = setInterval(() => setFresh(made.fresh), 500);
    return () => {
      clearInterval(timer);
      made.stop();
    };
  }, [camera, small]);

  useEffect(() => {
    if (!heard || !shown.audio || !video.current) return undefined;
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
  }, [camera, heard, shown.audio]);

  const drawn = shown.codec === JPEG;
  const problem = label(shown, fresh, now);
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
      {shown.audio ? <SoundButton on={heard} onChange={setHeard} /> : null}
      {shown.converted && !problem ? (
        <span className={styles.converted}>{t("video.converted", { codec: shown.converted })}</span>
      ) : null}
      {problem ? (
        <div className={styles.sign} role="status">
          <Mark severity={shown.phase === "connecting" && fresh === 0 ? 0 : 2} />
          <span>
            {problem}
            {status && status.state !== "online" && status.detail ? ` · ${status.detail}` : ""}
          </span>
        </div>
      ) : null}
    </div>
  );
}
