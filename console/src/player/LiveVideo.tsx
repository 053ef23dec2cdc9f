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
  tried: number;
  refusal: string;
}

const NOTHING: View = { phase: "connecting", codec: "", audio: "", converted: "", foreign: "", tried: 0, refusal: "" };

function view(player: LivePlayer): View {
  const { phase, head, foreign, tried, refusal } = player;
  return { phase, codec: head?.codec ?? "", audio: head?.audio ?? "", converted: head?.converted ?? "", foreign, tried, refusal };
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

interface Props {
  camera: string;
  name?: string;
  /** It is shown small: the second stream does. */
  small?: boolean;
  /** The camera has a second stream. */
  second?: boolean;
}

/**
 * The live picture of a camera, with its sound where it is wanted, and with a plain sign when it is not live. What this browser cannot
 * decode it takes from the second stream, or converted by the server.
 */
export function LiveVideo({ camera, name = "", small = false, second = false }: Props) {
  const video = useRef<HTMLVideoElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [shown, setShown] = useState(NOTHING);
  const [fresh, setFresh] = useState(0);
  const [heard, setHeard] = useState(false);
  const now = useNow();
  const status = useStatus(`camera:${camera}`);

  useEffect(() => {
    if (!video.current || !canvas.current) return undefined;
    const sub = small && second;
    const otherwise = sub ? [] : [address(camera, "?media=converted")];
    if (second) otherwise.unshift(address(camera, sub ? "?media=converted&stream=sub" : "?stream=sub"));
    const made = new LivePlayer(video.current, address(camera, sub ? "?stream=sub" : ""), () => setShown(view(made)), {
      kind: "video",
      canvas: canvas.current,
      otherwise,
    });
    const timer = setInterval(() => setFresh(made.fresh), 500);
    return () => {
      clearInterval(timer);
      made.stop();
    };
  }, [camera, small, second]);

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
      ) : shown.tried > 0 && !problem ? (
        <span className={styles.converted}>{t("video.second", { codec: pictureName(shown.foreign) })}</span>
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
