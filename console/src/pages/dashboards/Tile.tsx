import { ActionIcon, Button } from "@mantine/core";
import { useElementSize } from "@mantine/hooks";
import { useMemo, useRef, useState, type KeyboardEvent, type PointerEvent, type ReactNode } from "react";

import { useEntity, useName } from "../../api/hooks";
import type { Point, Tile as TileOf } from "../../api/types";
import { Series } from "../../charts/PointHistory";
import { spanOf, type Range } from "../../charts/range";
import { useValue, useWanted } from "../../live/points";
import { useStatus } from "../../live/status";
import { EntityLink } from "../../parts/EntityLink";
import { Icon } from "../../parts/Icon";
import { StateTag } from "../../parts/Mark";
import { RecentEvents } from "../../parts/RecentEvents";
import { Age } from "../../parts/Time";
import { Quality, ValueText } from "../../parts/Value";
import { Snapshot } from "../../player/Snapshot";
import { grade } from "../../site/quality";
import { splitRef } from "../../site/kinds";
import { t, word } from "../../text/t";
import { useNow } from "../../time/ticker";
import styles from "./Dashboards.module.css";
import type { Place } from "./grid";

const LEGEND = 76;

function Value({ id }: { id: string }) {
  useWanted(useMemo(() => [id], [id]));
  const point = useEntity<Point>("point", id).data;
  const latest = useValue(id);
  if (!point) return <span className="dim">{t("value.none")}</span>;
  return (
    <>
      <div className={styles.value}>
        <ValueText point={point} latest={latest} />
      </div>
      {latest ? (
        <div className="dim">
          {grade(latest.quality) === "good" ? <Age us={latest.server_time} /> : <Quality code={latest.quality} />}
        </div>
      ) : null}
    </>
  );
}

function Chart({ tile }: { tile: TileOf }) {
  const now = useNow();
  const { ref, height } = useElementSize();
  const [chosen, setChosen] = useState<Range | null>(null);
  const range = chosen ?? { last: tile.seconds ?? 3600 };
  const { start, end } = spanOf(range, now);
  const span = useMemo(() => ({ start, end }), [start, end]);
  return (
    <div ref={ref} style={{ height: "100%" }}>
      <Series
        points={tile.points ?? []}
        range={range}
        span={span}
        back={0}
        height={Math.max(80, Math.round(height) - LEGEND)}
        onRange={setChosen}
        plain
      />
      {chosen ? (
        <Button size="compact-xs" variant="default" onClick={() => setChosen(null)}>
          {t("chart.live")}
        </Button>
      ) : null}
    </div>
  );
}

function State({ reference }: { reference: string }) {
  const status = useStatus(reference);
  return (
    <>
      <StateTag status={status} />
      {status?.detail ? <div className="dim">{status.detail}</div> : null}
    </>
  );
}

function Picture({ id }: { id: string }) {
  const status = useStatus(`camera:${id}`);
  const live = status?.state === "online";
  return (
    <div className={styles.picture}>
      <Snapshot camera={id} name={id} live={live} state={word("state", status?.state ?? "unknown")} width={640} />
    </div>
  );
}

function content(tile: TileOf): ReactNode {
  const { id } = splitRef(tile.entity ?? "");
  switch (tile.kind) {
    case "value":
      return <Value id={id} />;
    case "chart":
      return <Chart tile={tile} />;
    case "state":
      return <State reference={tile.entity ?? ""} />;
    case "picture":
      return <Picture id={id} />;
    default:
      return <RecentEvents title={tile.title || t("history.events")} entity={tile.entity} limit={20} />;
  }
}

interface Props {
  tile: TileOf;
  /** It may be moved, resized and removed. */
  arranged: boolean;
  /** The size of a cell with its gap, px. */
  cell: () => { width: number; height: number };
  onPlace: (place: Place) => void;
  onRemove: () => void;
}

/** One tile: its title and what it shows; while the dashboard is arranged, handles that mouse, finger and keys take. */
export function Tile({ tile, arranged, cell, onPlace, onRemove }: Props) {
  const name = useName(tile.entity ?? "");
  const held = useRef<{ x: number; y: number; place: Place } | null>(null);
  const title = tile.title || name || t(`tile.${tile.kind}`);
  const { x, y, w, h } = tile;
  const press = (event: KeyboardEvent): void => {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (event.key === "Delete") onRemove();
    else if (!step) return;
    else {
      const [dx = 0, dy = 0] = step;
      onPlace(event.shiftKey ? { x, y, w: w + dx, h: h + dy } : { x: x + dx, y: y + dy, w, h });
    }
    event.preventDefault();
    event.stopPropagation();
  };
  const grab = (event: PointerEvent): void => {
    event.currentTarget.setPointerCapture(event.pointerId);
    held.current = { x: event.clientX, y: event.clientY, place: { x, y, w, h } };
  };
  const drag = (event: PointerEvent, resize: boolean): void => {
    if (!held.current) return;
    const { width, height } = cell();
    const [dx, dy] = [(event.clientX - held.current.x) / width, (event.clientY - held.current.y) / height];
    const from = held.current.place;
    onPlace(resize ? { ...from, w: from.w + dx, h: from.h + dy } : { ...from, x: from.x + dx, y: from.y + dy });
  };
  const release = (): void => {
    held.current = null;
  };
  return (
    <article
      className={styles.tile}
      data-tile={tile.kind}
      data-arranged={arranged || undefined}
      aria-label={title}
      style={{ gridColumn: `${x + 1} / span ${w}`, gridRow: `${y + 1} / span ${h}`, ["--rows" as string]: h }}
    >
      <header className={styles.head}>
        <span className="cut grow">
          {tile.entity && !arranged ? <EntityLink to={tile.entity} label={tile.title || undefined} /> : title}
        </span>
        {arranged ? (
          <>
            <ActionIcon
              className={styles.move}
              aria-label={t("tile.move", { title })}
              title={t("tile.move.help")}
              onKeyDown={press}
              onPointerDown={grab}
              onPointerMove={(event) => drag(event, false)}
              onPointerUp={release}
              onPointerCancel={release}
            >
              <Icon name="move" />
            </ActionIcon>
            <ActionIcon onClick={onRemove} aria-label={t("tile.remove", { title })}>
              <Icon name="close" />
            </ActionIcon>
          </>
        ) : null}
      </header>
      <div className={styles.body} inert={arranged}>
        {content(tile)}
      </div>
      {arranged ? (
        <button
          type="button"
          className={styles.corner}
          aria-label={t("tile.resize", { title })}
          onKeyDown={press}
          onPointerDown={grab}
          onPointerMove={(event) => drag(event, true)}
          onPointerUp={release}
          onPointerCancel={release}
        />
      ) : null}
    </article>
  );
}
