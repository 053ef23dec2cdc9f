import { useEffect, useRef, useState } from "react";

import { t } from "../text/t";
import { fetchPicture, REFRESH_MS, snapshotAddress } from "./snapshot";
import styles from "./Snapshot.module.css";

/** Whether an element is on the screen, of a page that is looked at. */
function useSeen(element: React.RefObject<HTMLElement | null>): boolean {
  const [seen, setSeen] = useState(false);
  useEffect(() => {
    if (!element.current) return undefined;
    const observer = new IntersectionObserver((entries) => setSeen(entries.some((one) => one.isIntersecting)));
    observer.observe(element.current);
    return () => observer.disconnect();
  }, [element]);
  return seen;
}

/** A small picture of a camera, asked for once it is seen; in its place `state` where there is none. */
export function Snapshot({
  camera,
  name,
  live,
  state,
  width = 160,
}: {
  camera: string;
  name: string;
  live: boolean;
  state: string;
  width?: number;
}) {
  const frame = useRef<HTMLSpanElement>(null);
  const seen = useSeen(frame);
  const [picture, setPicture] = useState<string | null>(null);

  useEffect(() => {
    if (!seen || !live) return undefined;
    const ending = new AbortController();
    const look = async (): Promise<void> => {
      if (document.hidden) return;
      const blob = await fetchPicture(snapshotAddress(camera, width), ending.signal);
      if (!ending.signal.aborted) setPicture(blob && URL.createObjectURL(blob));
    };
    void look();
    const timer = setInterval(() => void look(), REFRESH_MS);
    return () => {
      ending.abort();
      clearInterval(timer);
    };
  }, [camera, seen, live, width]);
  useEffect(() => (picture ? () => URL.revokeObjectURL(picture) : undefined), [picture]);

  return (
    <span ref={frame} className={styles.frame}>
      {live && picture ? (
        <img className={styles.picture} src={picture} alt={t("snapshot.of", { name })} />
      ) : (
        <span className={styles.none}>{live ? t("snapshot.none") : state}</span>
      )}
    </span>
  );
}
