import { UnstyledButton } from "@mantine/core";
import { Link } from "react-router";

import { useZone } from "../../app/session";
import { Icon } from "../../parts/Icon";
import { Mark } from "../../parts/Mark";
import { Panel } from "../../parts/Panel";
import { Empty } from "../../parts/States";
import { within } from "../../player/Bars";
import type { Span } from "../../player/timeline";
import { t } from "../../text/t";
import { clock } from "../../time/zone";
import type { LaneMark } from "./marks";
import styles from "./TimelinePage.module.css";

/** Rows of the list; the timeline itself shows all. */
const MOST = 200;

/** What happened in the window, newest first; a press goes there. */
export function MarkList({
  marks,
  names,
  window,
  onSeek,
}: {
  marks: readonly LaneMark[];
  names: ReadonlyMap<string, string>;
  window: Span;
  onSeek: (ms: number) => void;
}) {
  const zone = useZone();
  const shown = marks
    .filter((mark) => within(window, { start: mark.start, end: mark.end + 1 }))
    .toSorted((one, other) => other.start - one.start);
  return (
    <Panel title={t("timeline.page.marks")} count={shown.length} flush>
      {shown.length === 0 ? <Empty what={t("timeline.page.marks.none")} /> : null}
      <ul className={styles.marks}>
        {shown.slice(0, MOST).map((mark) => (
          <li key={mark.key}>
            <UnstyledButton className={styles.mark} onClick={() => onSeek(mark.start)}>
              <span className={styles.time}>{clock(mark.start, zone, true)}</span>
              {mark.kind === "bookmark" ? <Icon name="bookmark" size={14} /> : <Mark severity={mark.severity} />}
              <span className="grow">
                {mark.kind === "motion"
                  ? t("timeline.page.motion", {
                      camera: names.get(mark.camera) ?? mark.camera,
                      seconds: Math.round((mark.end - mark.start) / 1000),
                    })
                  : mark.text}
              </span>
            </UnstyledButton>
            {mark.id ? (
              <Link to={`/bookmarks/${encodeURIComponent(mark.id)}`}>{names.get(mark.camera) ?? mark.camera}</Link>
            ) : null}
          </li>
        ))}
      </ul>
    </Panel>
  );
}
