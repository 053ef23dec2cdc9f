import { ActionIcon, SegmentedControl } from "@mantine/core";
import { useLocalStorage } from "@mantine/hooks";
import { useCallback, useRef, useState } from "react";
import { Link } from "react-router";

import { useAll } from "../../api/hooks";
import { useKeys } from "../../app/keys";
import type { Camera } from "../../api/types";
import { useStatus } from "../../live/status";
import { Icon } from "../../parts/Icon";
import { StateTag } from "../../parts/Mark";
import { PageHead } from "../../parts/Panel";
import { Await, Empty } from "../../parts/States";
import { LiveVideo } from "../../player/LiveVideo";
import { t } from "../../text/t";
import styles from "./Wall.module.css";

const LAYOUTS = [1, 4, 9] as const;

function Cell({ camera, small }: { camera: Camera; small: boolean }) {
  const status = useStatus(`camera:${camera.id}`) ?? camera.status ?? undefined;
  return (
    <article className={styles.cell} aria-label={camera.name}>
      <header className={styles.caption}>
        <Link to={`/cameras/${camera.id}`} className="cut">
          {camera.name}
        </Link>
        {status && status.state !== "online" ? <StateTag status={status} /> : null}
      </header>
      <div className={styles.picture}>
        <LiveVideo camera={camera.id} name={camera.name} small={small} />
      </div>
    </article>
  );
}

/** Live pictures of 1, 4 or 9 cameras at a time. */
export function Wall() {
  const query = useAll<Camera>("camera");
  const [stored, setLayout] = useLocalStorage<number>({
    key: "sitewarden-wall",
    defaultValue: 4,
    getInitialValueInEffect: false,
  });
  const layout = LAYOUTS.find((n) => n === stored) ?? 4;
  const [page, setPage] = useState(0);
  const wall = useRef<HTMLDivElement>(null);
  const cameras = (query.data ?? []).filter((camera) => camera.enabled);
  const pages = Math.max(1, Math.ceil(cameras.length / layout));
  const at = Math.min(page, pages - 1);
  const shown = cameras.slice(at * layout, at * layout + layout);
  const rows = `repeat(${Math.ceil(shown.length / Math.sqrt(layout))}, minmax(0, 1fr))`;

  const turn = useCallback((step: number) => setPage((held) => (Math.min(held, pages - 1) + step + pages) % pages), [pages]);
  const full = useCallback(() => {
    if (document.fullscreenElement) void document.exitFullscreen();
    else void wall.current?.requestFullscreen();
  }, []);
  useKeys(
    useCallback(
      (key) => {
        const chosen = LAYOUTS.find((n) => String(n) === key);
        if (chosen) setLayout(chosen);
        else if (key === "ArrowRight") turn(1);
        else if (key === "ArrowLeft") turn(-1);
        else if (key === "f") full();
        else return false;
        return true;
      },
      [setLayout, turn, full],
    ),
  );

  return (
    <>
      <PageHead
        title={t("nav.wall")}
        actions={
          <>
            {pages > 1 ? (
              <span className="row">
                <ActionIcon onClick={() => turn(-1)} aria-label={t("wall.previous")}>
                  <Icon name="back" />
                </ActionIcon>
                {t("wall.page", { page: at + 1, pages })}
                <ActionIcon onClick={() => turn(1)} aria-label={t("wall.next")}>
                  <Icon name="forward" />
                </ActionIcon>
              </span>
            ) : null}
            <SegmentedControl
              aria-label={t("wall.layout")}
              value={String(layout)}
              onChange={(value) => setLayout(Number(value))}
              data={LAYOUTS.map(String)}
            />
            <ActionIcon onClick={full} aria-label={t("wall.full")} title={t("wall.full")}>
              <Icon name="full" />
            </ActionIcon>
          </>
        }
      />
      <Await query={query} rows={3}>
        {cameras.length === 0 ? (
          <Empty
            what={t("cameras.none")}
            next={t("cameras.none.next")}
            action={<Link to="/cameras">{t("cameras.none.link")}</Link>}
          />
        ) : (
          <div className={styles.wall} data-layout={layout} style={{ gridTemplateRows: rows }} ref={wall}>
            {shown.map((camera) => (
              <Cell key={camera.id} camera={camera} small={layout > 1} />
            ))}
          </div>
        )}
      </Await>
    </>
  );
}
