import { useEffect, useRef, useState } from "react";

import { useStatus } from "../live/status";
import { Mark } from "../parts/Mark";
import { t } from "../text/t";
import { age } from "../time/age";
import { useNow } from "../time/ticker";
import { JPEG, pictureName } from "./codecs";
import { LivePlayer, type Phase } from "./live";
import { share } from "./sharing";
import { SoundButton } from "./SoundButton";
import styles from "./Video.module.css";

interface View {
  phase: Phase;
  codec: string;
  audio: string;
  /** What the camera sends, where the server converts it. */
  converted: string;
  foreign: string;
  tried: number;
  refusal: string;
  stale: boolean;
  /** When the last picture came, as of the last change; 0 before the first. */
  fresh: number;
}

const NOTHING: View = {
  phase: "connecting",
  codec: "",
  audio: "",
  converted: "",
  foreign: "",
  tried: 0,
  refusal: "",
  stale: false,
  fresh: 0,
};

function view(player: LivePlayer): View {
  const { phase, head, foreign, tried, refusal, stale, fresh } = player;
  const { codec = "", audio = "", converted = "" } = head ?? {};
  return { phase, codec, audio, converted, foreign, tried, refusal, stale, fresh };
}

/** What keeps the picture from being live; null while it is. `age` of the last picture. */
function label({ phase, codec, foreign, refusal, stale, fresh }: View, old: string): string | null {
  if (phase === "unsupported") return t("video.unsupported", { codec: pictureName(codec) });
  if (refusal && foreign) return t("video.unconverted", { codec: pictureName(foreign), why: refusal });
  if (fresh === 0) return phase === "lost" ? t("video.lost") : t("video.connecting");
  if (phase === "lost" || stale) return t("video.stale", { age: old });
  return null;
}

function Problem({ shown, camera }: { shown: View; camera: string }) {
  const now = useNow();
  const status = useStatus(`camera:${camera}`);
  return (
    <div className={styles.sign} role="status">
      <Mark severity={shown.phase === "connecting" && shown.fresh === 0 ? 0 : 2} />
      <span>
        {label(shown, age(Math.max(0, now - shown.fresh)))}
        {status && status.state !== "online" && status.detail ? ` · ${status.detail}` : ""}
      </span>
    </div>
  );
}

/** How the picture differs from what the camera sends as its best; null where it does not. */
function note({ converted, tried, foreign }: View, level: number, keys: boolean): string | null {
  if (keys) return t("video.keys.load");
  if (converted) return t("video.converted", { codec: converted });
  if (tried > 0) return t("video.second", { codec: pictureName(foreign) });
  return level > 0 ? t("video.second.load") : null;
}

function address(camera: string, query: Record<string, string>): string {
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  const asked = new URLSearchParams(query).toString();
  return `${scheme}://${location.host}/api/v1/cameras/${encodeURIComponent(camera)}/live${asked && `?${asked}`}`;
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
 * decode it takes from the second stream, or converted by the server; what this computer cannot show, too, and then as key frames.
 */
export function LiveVideo(props: Props) {
  const { camera, small, second } = props;
  return <Picture key={`${camera} ${small ? 1 : 0}${second ? 1 : 0}`} {...props} />;
}

function Picture({ camera, name = "", small = false, second = false }: Props) {
  const video = useRef<HTMLVideoElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const player = useRef<LivePlayer | null>(null);
  const [shown, setShown] = useState(NOTHING);
  const [level, setLevel] = useState(0);
  const [heard, setHeard] = useState(false);
  const floor = second && !small ? 2 : 1;
  const keys = level === floor;
  const sub = second && (small || level > 0);

  useEffect(() => {
    if (!video.current) return undefined;
    const { clientWidth, clientHeight } = video.current;
    return share(clientWidth * clientHeight, floor, () => player.current?.sample() ?? null, setLevel);
  }, [floor]);

  useEffect(() => {
    if (!video.current || !canvas.current) return undefined;
    const frames: Record<string, string> = keys ? { frames: "keys" } : {};
    const at = (query: Record<string, string>): string => address(camera, { ...query, ...frames });
    const otherwise = sub && small ? [] : [at({ media: "converted" })];
    if (second) otherwise.unshift(at(sub ? { media: "converted", stream: "sub" } : { stream: "sub" }));
    const made = new LivePlayer(video.current, at(sub ? { stream: "sub" } : {}), () => setShown(view(made)), {
      kind: "video",
      canvas: canvas.current,
      otherwise,
      keys,
      gathers: small,
    });
    player.current = made;
    return () => {
      player.current = null;
      made.stop();
    };
  }, [camera, small, second, sub, keys]);

  useEffect(() => {
    if (!heard || !shown.audio || !video.current) return undefined;
    const sound = new Audio();
    const made = new LivePlayer(sound, address(camera, { media: "audio" }), () => undefined, {
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
  const wrong = label(shown, "") !== null;
  const said = wrong ? null : note(shown, level, keys);
  return (
    <div className={styles.frame} data-stale={wrong} data-pictures={keys ? "keys" : "all"}>
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
      {said ? <span className={styles.converted}>{said}</span> : null}
      {wrong ? <Problem shown={shown} camera={camera} /> : null}
    </div>
  );
}
