import { useEffect, useImperativeHandle, useRef, useState, type Ref } from "react";

import { Mark } from "../parts/Mark";
import { t } from "../text/t";
import { pictureName, recordedType } from "./codecs";
import { SoundButton } from "./SoundButton";
import { piece, type Span } from "./timeline";
import styles from "./Video.module.css";

export interface PlaybackHandle {
  toggle: () => void;
}

interface Props {
  camera: string;
  name: string;
  /** The wish: where to play from, ms; a new object is a new wish even at the same moment. */
  from: { at: number };
  speed: number;
  /** What is recorded around the wish; null until it is known. */
  recordings: readonly Span[] | null;
  onTime: (ms: number) => void;
  onPaused: (paused: boolean) => void;
  /** There is nothing after this. */
  onEnd: () => void;
  ref?: Ref<PlaybackHandle>;
}

/** Plays recordings from a moment on, over gaps, from files that the server makes on demand. */
export function Playback({ camera, name, from, speed, recordings, onTime, onPaused, onEnd, ref }: Props) {
  const video = useRef<HTMLVideoElement>(null);
  const playing = useRef<Span | null>(null);
  const base = useRef(0);
  const [state, setState] = useState<"loading" | "ready" | "failed" | "unsupported">("loading");
  const [codec, setCodec] = useState("");
  const [heard, setHeard] = useState(false);
  const met = useRef<object | null>(null);
  const latest = useRef({ recordings, onTime, onEnd });
  useEffect(() => {
    latest.current = { recordings, onTime, onEnd };
  });

  const load = (at: number): void => {
    const element = video.current;
    if (!element) return;
    const next = piece(latest.current.recordings ?? [], at);
    if (!next) {
      latest.current.onEnd();
      return;
    }
    playing.current = next;
    latest.current.onTime(next.start);
    setCodec(next.codec ?? "");
    if (next.codec && element.canPlayType(recordedType(next.codec)) === "") {
      element.removeAttribute("src");
      element.load();
      setState("unsupported");
      return;
    }
    setState("loading");
    const query = `start=${Math.round(next.start * 1000)}&end=${Math.round(next.end * 1000)}`;
    element.src = `/api/v1/cameras/${encodeURIComponent(camera)}/playback.mp4?${query}`;
    void element.play().catch(() => undefined);
  };

  const known = recordings !== null;
  useEffect(() => {
    if (!known || met.current === from) return;
    met.current = from;
    load(from.at);
    // eslint-disable-next-line react-hooks/exhaustive-deps -- a wish is met once; later recordings are read when they are needed
  }, [from, known]);

  useEffect(() => {
    if (video.current) video.current.playbackRate = speed;
  }, [speed, state]);

  useImperativeHandle(ref, () => ({
    toggle: () => {
      const element = video.current;
      if (!element) return;
      if (element.paused) void element.play().catch(() => undefined);
      else element.pause();
    },
  }));

  return (
    <div className={styles.frame} data-stale={state === "failed" || state === "unsupported"}>
      {/* Recordings of cameras carry no speech to caption. */}
      {/* eslint-disable-next-line jsx-a11y/media-has-caption */}
      <video
        ref={video}
        className={styles.video}
        playsInline
        muted={!heard}
        aria-label={t("video.recorded.of", { name })}
        onLoadedData={(event) => {
          const { buffered } = event.currentTarget;
          base.current = buffered.length > 0 ? buffered.start(0) : 0;
          setState("ready");
        }}
        onTimeUpdate={(event) => {
          if (playing.current && state === "ready")
            onTime(playing.current.start + (event.currentTarget.currentTime - base.current) * 1000);
        }}
        onPlay={() => onPaused(false)}
        onPause={() => onPaused(true)}
        onError={() => {
          if (video.current?.getAttribute("src")) setState("failed");
        }}
        onEnded={() => {
          if (playing.current) load(playing.current.end + 1);
        }}
      />
      {codec.includes(",") && state !== "unsupported" ? <SoundButton on={heard} onChange={setHeard} /> : null}
      {state === "ready" ? null : (
        <div className={styles.sign} role="status">
          <Mark severity={state === "loading" ? 0 : 2} />
          {state === "failed"
            ? t("video.failed")
            : state === "unsupported"
              ? t("video.recorded.unsupported", { codec: pictureName(codec) })
              : t("video.loading")}
        </div>
      )}
    </div>
  );
}
