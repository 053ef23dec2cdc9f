import { useEffect, useRef, useState, type ReactNode } from "react";

import { t } from "../text/t";
import styles from "./Video.module.css";
import { enlarge, move, WHOLE, type View } from "./zoom";

/** Enlarges the picture inside: by the wheel or two fingers around what is pointed at, moved by dragging. */
export function Zoom({ children }: { children: ReactNode }) {
  const frame = useRef<HTMLDivElement>(null);
  const [view, setView] = useState<View>(WHOLE);
  const fingers = useRef(new Map<number, { x: number; y: number }>());

  useEffect(() => {
    const element = frame.current;
    if (!element) return undefined;
    // React's own listener is passive, and could not keep the page from scrolling.
    const turn = (event: WheelEvent): void => {
      const box = element.getBoundingClientRect();
      setView((held) => {
        if (held.scale === 1 && event.deltaY > 0) return held;
        return enlarge(held, event.deltaY > 0 ? 0.8 : 1.25, event.clientX - box.left, event.clientY - box.top, box);
      });
      if (event.deltaY < 0 || element.dataset.zoomed === "true") event.preventDefault();
    };
    element.addEventListener("wheel", turn, { passive: false });
    return () => element.removeEventListener("wheel", turn);
  }, []);

  const drag = (event: React.PointerEvent): void => {
    const held = fingers.current;
    const before = held.get(event.pointerId);
    const box = frame.current?.getBoundingClientRect();
    if (!before || !box) return;
    const now = { x: event.clientX, y: event.clientY };
    const other = [...held].find(([id]) => id !== event.pointerId)?.[1];
    held.set(event.pointerId, now);
    if (other) {
      const apart = (one: { x: number; y: number }): number => Math.max(1, Math.hypot(one.x - other.x, one.y - other.y));
      const factor = apart(now) / apart(before);
      setView((seen) => enlarge(seen, factor, (now.x + other.x) / 2 - box.left, (now.y + other.y) / 2 - box.top, box));
    } else setView((seen) => move(seen, now.x - before.x, now.y - before.y, box));
  };
  const lift = (event: React.PointerEvent): void => {
    fingers.current.delete(event.pointerId);
  };
  const zoomed = view.scale > 1;
  return (
    <div
      ref={frame}
      className={styles.zoom}
      data-zoomed={zoomed}
      style={{ "--zoom": String(view.scale), "--zoom-x": `${view.x}px`, "--zoom-y": `${view.y}px` } as React.CSSProperties}
      onPointerDown={(event) => fingers.current.set(event.pointerId, { x: event.clientX, y: event.clientY })}
      onPointerMove={drag}
      onPointerUp={lift}
      onPointerCancel={lift}
      onPointerLeave={lift}
    >
      {children}
      {zoomed ? (
        <button type="button" className={styles.whole} onClick={() => setView(WHOLE)} title={t("zoom.whole")}>
          {t("zoom.scale", { scale: view.scale.toFixed(1) })}
        </button>
      ) : null}
    </div>
  );
}
