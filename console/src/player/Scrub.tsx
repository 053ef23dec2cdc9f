import { useEffect, useState } from "react";

import styles from "./Timeline.module.css";

const WIDTH = 160;
/** The pointer rests so long before a picture is asked for, ms. */
const REST_MS = 80;

/** Where the server gives the key frame at or before a moment. */
export function thumbnail(camera: string, at: number, width = WIDTH): string {
  return `/api/v1/cameras/${encodeURIComponent(camera)}/thumbnail?at=${Math.round(at * 1000)}&width=${width}`;
}

/** The picture of the moment that is pointed at, above the timeline; nothing where the server has none. */
export function Scrub({ camera, at, left }: { camera: string; at: number; left: number }) {
  const [asked, setAsked] = useState<number | null>(null);
  const [shown, setShown] = useState<number | null>(null);
  useEffect(() => {
    const timer = setTimeout(() => setAsked(at), REST_MS);
    return () => clearTimeout(timer);
  }, [at]);
  if (asked === null) return null;
  return (
    <img
      className={styles.scrub}
      style={{ left: `clamp(80px, ${left}%, calc(100% - 80px))` }}
      src={thumbnail(camera, asked)}
      alt=""
      width={WIDTH}
      hidden={shown === null}
      onLoad={() => setShown(asked)}
      onError={() => setShown(null)}
    />
  );
}
