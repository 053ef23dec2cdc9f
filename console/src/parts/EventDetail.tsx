import { Drawer } from "@mantine/core";
import { Link } from "react-router";

import type { StoredEvent } from "../api/types";
import { pageOf, splitRef } from "../site/kinds";
import { asSeverity } from "../site/severity";
import { t, word } from "../text/t";
import { EntityLink } from "./EntityLink";
import { explanationOf } from "./explanation";
import { SeverityTag } from "./Mark";
import { Time } from "./Time";

function shown(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** Why a decision fell as it did: the rule, schedule and profile that decided it, and who applied them. */
function Why({ stored }: { stored: StoredEvent }) {
  const why = explanationOf(stored.event.data ?? {});
  if (!why) return null;
  return (
    <section className="stack" style={{ gap: 4 }} aria-label={t("event.why")}>
      <h3>{t("event.why")}</h3>
      {why.text ? <p style={{ margin: 0 }}>{why.text}</p> : null}
      <dl className="facts">
        {why.parts.map(({ name, value, ref }) => (
          <Row key={name} name={word("explanation", name)}>
            {ref ? <EntityLink to={ref} /> : word("reason", value)}
          </Row>
        ))}
      </dl>
    </section>
  );
}

function Row({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

function cameraLink(stored: StoredEvent): string | null {
  const { entity, related = [], time } = stored.event;
  const camera = [entity, ...related].find((ref) => splitRef(ref).kind === "camera");
  const page = camera ? pageOf(camera) : null;
  return page ? `${page}?at=${Math.floor(time / 1000) - 5000}` : null;
}

/** All that is known of an event, with links to what it touches. */
export function EventDetail({ stored, onClose }: { stored: StoredEvent | null; onClose: () => void }) {
  const event = stored?.event;
  const video = stored ? cameraLink(stored) : null;
  return (
    <Drawer
      opened={stored !== null}
      onClose={onClose}
      position="right"
      className="keeps-keys"
      size={420}
      overlayProps={{ opacity: 0.15 }}
      title={t("event.title")}
      closeButtonProps={{ "aria-label": t("action.close") }}
    >
      {stored && event ? (
        <div className="stack" style={{ gap: 16 }}>
          <h2>{event.text ?? event.type}</h2>
          <dl className="facts">
            <Row name={t("event.severity")}>
              <SeverityTag severity={asSeverity(event.severity ?? 0)} />
            </Row>
            <Row name={t("event.time")}>
              <Time us={event.time} />
            </Row>
            <Row name={t("event.stored")}>
              <Time us={stored.stored} short />
            </Row>
            <Row name={t("event.entity")}>
              <EntityLink to={event.entity} />
            </Row>
            {event.related && event.related.length > 0 ? (
              <Row name={t("event.related")}>
                {event.related.map((ref) => (
                  <div key={ref}>
                    <EntityLink to={ref} /> <span className="dim">{word("kind", splitRef(ref).kind)}</span>
                  </div>
                ))}
              </Row>
            ) : null}
            <Row name={t("event.type")}>
              <Link to={`/events?type=${event.type}`}>{event.type}</Link>
            </Row>
            <Row name={t("event.seq")}>{stored.seq}</Row>
          </dl>
          {video ? <Link to={video}>{t("event.video")}</Link> : null}
          <Why stored={stored} />
          {event.data && Object.keys(event.data).length > 0 ? (
            <section className="stack" style={{ gap: 4 }} aria-label={t("event.data")}>
              <h3>{t("event.data")}</h3>
              <dl className="facts mono">
                {Object.entries(event.data)
                  .filter(([name]) => name !== "explanation" && name !== "explanation_text")
                  .map(([name, value]) => (
                    <Row key={name} name={name}>
                      {shown(value)}
                    </Row>
                  ))}
              </dl>
            </section>
          ) : null}
          <p className="mono dim" style={{ margin: 0 }}>
            {event.key}
          </p>
        </div>
      ) : null}
    </Drawer>
  );
}
