import { Link } from "react-router";

import { useAll } from "../../api/hooks";
import type { NamedNetwork, PortView } from "../../api/types";
import { useCan } from "../../app/session";
import { Mark } from "../../parts/Mark";
import { pageOf, PLURALS } from "../../site/kinds";
import { size } from "../../site/units";
import { t, word } from "../../text/t";
import { LEFT, placeNow, processes, RIGHT, type PlaceNow, type PortNow } from "./map";
import styles from "./Map.module.css";
import { numberOf } from "./PortNumber";

const ARROWS: Record<string, string> = { in: "M14 8H3M6.5 4.5 3 8l3.5 3.5", out: "M2 8h11M9.5 4.5 13 8l-3.5 3.5" };
const BOTH = "M2.5 8h11M5.5 5l-3 3 3 3M10.5 5l3 3-3 3";

/** Which way new traffic goes, drawn as it stands on the map: towards the node or away from it. */
function Way({ side, right }: { side: string; right: boolean }) {
  const towards = side === "in" ? !right : right;
  const path = side === "both" ? BOTH : towards ? ARROWS.out : ARROWS.in;
  return (
    <span className={styles.way}>
      <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden>
        <path d={path} fill="none" stroke="currentColor" strokeWidth="1.4" strokeLinecap="round" strokeLinejoin="round" />
      </svg>
      <span>{word("way", side)}</span>
    </span>
  );
}

/** A port is open, closed or missing by its shape too. */
function Dot({ state }: { state: PortView["state"] }) {
  return (
    <svg className={styles.dot} data-state={state} viewBox="0 0 16 16" aria-hidden>
      <circle cx="8" cy="8" r="4" fill={state === "open" ? "currentColor" : "none"} stroke="currentColor" strokeWidth="1.5" />
    </svg>
  );
}

function said({ port, peers, received, sent }: PortNow): string {
  if (port.state === "missing") return t("map.missing");
  if (port.state === "closed") return port.user_count > 0 ? t("map.configured", { n: port.user_count }) : "";
  const connected = t("map.peers", { n: peers });
  return received + sent === 0
    ? connected
    : `${connected} · ${t("network.traffic", { received: size(received), sent: size(sent) })}`;
}

interface PortProps {
  one: PortNow;
  right: boolean;
  onPick: (row: string) => void;
}

function Port({ one, right, onPick }: PortProps) {
  const { port } = one;
  const number = port.number === null ? numberOf(port) : `${numberOf(port)}/${port.protocol}`;
  const more = said(one);
  return (
    <li>
      <button type="button" className={styles.port} data-state={port.state} title={port.purpose} onClick={() => onPick(port.row)}>
        {one.severity > 0 ? <Mark severity={one.severity} /> : <Dot state={port.state} />}
        <span className={styles.number}>{number}</span>
        <span className={`${styles.name ?? ""} cut`}>{port.row}</span>
        <span className={styles.state}>{word("portstate", port.state)}</span>
        <Way side={port.side} right={right} />
        {more ? (
          <span className={styles.said} data-severity={port.state === "missing" ? 3 : 0}>
            {more}
          </span>
        ) : null}
        {one.error ? (
          <span className={styles.said} data-severity={2}>
            {one.error}
          </span>
        ) : null}
        <span className="hidden">{t("map.show")}</span>
      </button>
    </li>
  );
}

function Networks({ now }: { now: PlaceNow }) {
  const can = useCan();
  if (now.place === "elsewhere") return null;
  return (
    <p className={styles.networks}>
      {now.networks.length === 0 ? (
        <>
          {t("map.network.none")}{" "}
          {can("network.create") ? <Link to={`/${PLURALS.network}/new/edit`}>{t("map.network.name")}</Link> : null}
        </>
      ) : (
        now.networks.map(({ network, peers }) => (
          <span key={network.id} className={styles.network}>
            <Link to={pageOf(`network:${network.id}`) ?? ""}>{network.name}</Link>{" "}
            <span className="mono">{network.cidrs.join(", ")}</span>{" "}
            {now.place === "office" ? null : t("map.network.dialled", { n: peers })}
          </span>
        ))
      )}
      {now.outside > 0 ? (
        <span className={styles.network} data-severity={1}>
          <Mark severity={1} label={t("severity.notice")} /> {t("map.outside", { n: now.outside })}
        </span>
      ) : null}
    </p>
  );
}

function PlaceBox({ now, right, onPick }: { now: PlaceNow; right: boolean; onPick: (row: string) => void }) {
  const title = word("place", now.place);
  const line = now.severity > 1 ? "wrong" : now.open ? "open" : "closed";
  return (
    <section className={styles.place} data-line={line} data-right={right} aria-label={title}>
      <h3>{title}</h3>
      <Networks now={now} />
      {now.ports.length === 0 ? <p className={styles.networks}>{t("map.nothing")}</p> : null}
      <ul>
        {now.ports.map((one) => (
          <Port key={`${one.port.row} ${one.port.protocol}`} one={one} right={right} onPick={onPick} />
        ))}
      </ul>
      {now.planned.length > 0 ? (
        <details className={styles.planned}>
          <summary>{t("map.planned", { n: now.planned.length })}</summary>
          <ul>
            {now.planned.map((port) => (
              <li key={port.row} title={port.purpose}>
                <span className={styles.number}>
                  {port.number === null ? numberOf(port) : `${numberOf(port)}/${port.protocol}`}
                </span>{" "}
                {port.row}
              </li>
            ))}
          </ul>
        </details>
      ) : null}
    </section>
  );
}

function NodeBox({ node, ports }: { node: string; ports: readonly PortView[] }) {
  const running = processes(ports);
  const bus = ports.flatMap((port) => port.ledger).filter((entry) => entry.port === "bus" && entry.direction === "out");
  return (
    <section className={styles.node} aria-label={t("network.node", { node })}>
      <h3>{t("network.node", { node })}</h3>
      <ul>
        {running.map((process) => (
          <li key={process.name}>
            <strong>{process.name}</strong>
            {process.listens.length > 0 ? <span>{t("map.listens", { ports: process.listens.join(", ") })}</span> : null}
            {process.dials > 0 ? <span>{t("map.dials", { n: process.dials })}</span> : null}
            {process.listens.length + process.dials === 0 ? <span>{t("map.quiet")}</span> : null}
          </li>
        ))}
      </ul>
      <p className={styles.networks}>{t("map.bus", { n: new Set(bus.map((entry) => entry.role)).size })}</p>
    </section>
  );
}

/** The node in the middle, and its ports by who is on the other side. */
export function PortMap({ node, ports, onPick }: { node: string; ports: readonly PortView[]; onPick: (row: string) => void }) {
  const named = useAll<NamedNetwork>("network").data ?? [];
  const column = (places: typeof LEFT, right: boolean): React.ReactNode => (
    <div className={styles.column}>
      {places.map((place) => (
        <PlaceBox key={place} now={placeNow(place, ports, named)} right={right} onPick={onPick} />
      ))}
    </div>
  );
  return (
    <div className={styles.map}>
      {column(LEFT, false)}
      <NodeBox node={node} ports={ports} />
      {column(RIGHT, true)}
    </div>
  );
}
