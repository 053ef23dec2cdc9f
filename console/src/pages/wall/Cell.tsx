import { Select } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import { Link } from "react-router";

import type { Camera } from "../../api/types";
import { useStatus } from "../../live/status";
import { StateTag } from "../../parts/Mark";
import { LiveVideo } from "../../player/LiveVideo";
import { Zoom } from "../../player/Zoom";
import { t } from "../../text/t";
import styles from "./Wall.module.css";

/** Whether somebody can see it: it is scrolled to, and the page is not behind another. What is hidden is not streamed. */
function useShown(): [React.RefObject<HTMLDivElement | null>, boolean] {
  const place = useRef<HTMLDivElement>(null);
  const [there, setThere] = useState(true);
  const [front, setFront] = useState(!document.hidden);
  useEffect(() => {
    if (!place.current) return undefined;
    const seen = new IntersectionObserver((entries) => setThere(entries.some((entry) => entry.isIntersecting)), {
      rootMargin: "100px",
    });
    seen.observe(place.current);
    const turn = (): void => setFront(!document.hidden);
    document.addEventListener("visibilitychange", turn);
    return () => {
      seen.disconnect();
      document.removeEventListener("visibilitychange", turn);
    };
  }, []);
  return [place, there && front];
}

interface Props {
  camera: Camera | null;
  /** Where every camera may be chosen: the wall is being arranged. */
  choices: readonly Camera[] | null;
  onChoose: (id: string | null) => void;
  span: number;
  /** It is one of several: the second stream does where the camera has one. */
  small: boolean;
}

/** One picture of the wall. */
export function Cell({ camera, choices, onChoose, span, small }: Props) {
  const found = useStatus(`camera:${camera?.id ?? ""}`);
  const status = found ?? camera?.status ?? undefined;
  const [place, shown] = useShown();
  const extent = { gridColumn: `span ${span}`, gridRow: `span ${span}` };
  return (
    <article className={styles.cell} aria-label={camera?.name ?? t("wall.cell.empty")} style={extent}>
      <header className={styles.caption}>
        {choices ? (
          <Select
            aria-label={t("wall.cell.camera")}
            size="xs"
            value={camera?.id ?? null}
            onChange={onChoose}
            data={choices.map((one) => ({ value: one.id, label: one.name }))}
            placeholder={t("wall.cell.empty")}
            clearable
            allowDeselect={false}
            searchable
          />
        ) : camera ? (
          <Link to={`/cameras/${camera.id}`} className="cut">
            {camera.name}
          </Link>
        ) : (
          <span className="dim">{t("wall.cell.empty")}</span>
        )}
        {camera && status && status.state !== "online" ? <StateTag status={status} /> : null}
      </header>
      <div className={styles.picture} ref={place}>
        {camera && shown ? (
          <Zoom>
            <LiveVideo camera={camera.id} name={camera.name} small={small} second={camera.sub_url !== ""} />
          </Zoom>
        ) : null}
      </div>
    </article>
  );
}
