import { useEffect, useImperativeHandle, useRef, useState, type Ref } from "react";

import { Mark } from "../parts/Mark";
import { t, word } from "../text/t";
import type { Clock } from "./clock";
import { pictureName } from "./codecs";
import { FilmPlayer, type FilmPhase } from "./film";
import { SoundButton } from "./SoundButton";
import { gapAt, type Gap, type Span } from "./timeline";
import { useClock } from "./useClock";
import styles from "./Video.module.css";

export interface PlaybackHandle {
  /** Shows the next frame or the one before; resolves to its moment, null where there is none. */
  step: (way: 1 | -1) => Promise<number | null>;
}

interface Props {
  camera: string;
  name: string;
  clock: Clock;
  /** What is recorded around the clock's moment; null until it is known. */
  recordings: readonly Span[] | null;
  gaps?: readonly Gap[];
  ref?: Ref<PlaybackHandle>;
}

interface View {
  phase: FilmPhase;
  codec: string;
  keys: boolean;
  sound: boolean;
  problem: string;
}

const BEGIN: View = { phase: "loading", codec: "", keys: false, sound: false, problem: "" };

/** Why there is no picture at the clock's moment. */
function Why({ clock, gaps }: { clock: Clock; gaps: readonly Gap[] }) {
  const { at } = useClock(clock);
  const gap = gapAt(gaps, at);
  if (!gap) return t("playback.gap");
  return t("playback.gap.why", { reason: word("gap", gap.reason) + (gap.detail ? `: ${gap.detail}` : "") });
}

/** Plays recordings of a camera as a clock says, which others may follow, too. */
export function Playback({ camera, name, clock, recordings, gaps = [], ref }: Props) {
  const video = useRef<HTMLVideoElement>(null);
  const still = useRef<HTMLCanvasElement>(null);
  const player = useRef<FilmPlayer | null>(null);
  const latest = useRef(recordings);
  const [view, setView] = useState<View>(BEGIN);
  const [heard, setHeard] = useState(false);
  useEffect(() => {
    latest.current = recordings;
  });

  useEffect(() => {
    if (!video.current || !still.current) return undefined;
    const changed = (): void => {
      const { current } = player;
      if (!current) return;
      setView({
        phase: current.phase,
        codec: current.codec,
        keys: current.mode.frames === "keys",
        sound: current.playing.includes(",") && current.mode.frames === "all",
        problem: current.phase === "failed" ? (current.problem?.what ?? "") : "",
      });
    };
    const made = new FilmPlayer(video.current, still.current, camera, clock, () => latest.current, changed);
    player.current = made;
    changed();
    return () => {
      player.current = null;
      made.stop();
    };
  }, [camera, clock]);

  useImperativeHandle(ref, () => ({
    step: (way) => player.current?.step(way) ?? Promise.resolve(null),
  }));

  const { phase } = view;
  return (
    <div
      className={styles.frame}
      data-phase={phase}
      data-stale={phase === "failed" || phase === "unsupported"}
      data-empty={phase === "gap"}
    >
      {/* Recordings of cameras carry no speech to caption. */}
      {/* eslint-disable-next-line jsx-a11y/media-has-caption */}
      <video
        ref={video}
        className={styles.video}
        playsInline
        disablePictureInPicture
        muted={!heard}
        aria-label={t("video.recorded.of", { name })}
      />
      <canvas ref={still} className={styles.still} hidden aria-hidden />
      {view.sound && phase !== "unsupported" ? <SoundButton on={heard} onChange={setHeard} /> : null}
      {view.keys && (phase === "ready" || phase === "loading") ? <span className={styles.keys}>{t("playback.keys")}</span> : null}
      {phase === "ready" ? null : (
        <div className={styles.sign} role="status">
          <Mark severity={phase === "loading" ? 0 : phase === "gap" ? 1 : 2} />
          {phase === "gap" ? (
            <span>
              <Why clock={clock} gaps={gaps} />
            </span>
          ) : phase === "failed" ? (
            view.problem || t("video.failed")
          ) : phase === "unsupported" ? (
            t("video.recorded.unsupported", { codec: pictureName(view.codec) })
          ) : (
            t("video.loading")
          )}
        </div>
      )}
    </div>
  );
}
