import { SegmentedControl, TextInput } from "@mantine/core";
import { Fragment, useCallback } from "react";

import type { LedgerEntry, PortView } from "../../api/types";
import { EntityLink } from "../../parts/EntityLink";
import { Mark } from "../../parts/Mark";
import { Panel } from "../../parts/Panel";
import { Await, Empty } from "../../parts/States";
import { Age } from "../../parts/Time";
import { size } from "../../site/units";
import { t, word } from "../../text/t";
import { ChangePort } from "./ChangePort";
import styles from "./Network.module.css";
import { PortNumber } from "./PortNumber";

function Ledger({ entries }: { entries: readonly LedgerEntry[] }) {
  return (
    <>
      {entries.map((entry) => (
        <tr key={`${entry.role} ${entry.pid} ${entry.local} ${entry.remote}`} className={styles.entry}>
          <td colSpan={2} className="mono">
            {entry.local}
            {entry.remote ? ` → ${entry.remote}` : ""}
          </td>
          <td>{word("direction", entry.direction)}</td>
          <td>
            {entry.role} <span className="dim">{t("network.pid", { pid: entry.pid })}</span>
          </td>
          <td className="num">{t("network.peers", { n: entry.peers })}</td>
          <td className="num">{t("network.traffic", { received: size(entry.bytes_in), sent: size(entry.bytes_out) })}</td>
          <td className="num">
            <Age us={entry.since} />
          </td>
        </tr>
      ))}
      {entries
        .filter((entry) => entry.last_error)
        .map((entry) => (
          <tr key={`error ${entry.pid} ${entry.local} ${entry.remote}`} className={styles.entry}>
            <td colSpan={7}>
              <Mark severity={2} /> {entry.last_error}
            </td>
          </tr>
        ))}
    </>
  );
}

/** What of the site uses a port, and what else is to be said of it. */
function About({ port }: { port: PortView }) {
  if (port.user_count === 0 && !port.note) return null;
  return (
    <tr className={styles.entry}>
      <td colSpan={7}>
        {port.user_count > 0 ? (
          <span className={styles.users}>
            {t("network.used")}
            {port.users.map((user) => (
              <EntityLink key={user} to={user} />
            ))}
            {port.user_count > port.users.length ? t("network.used.more", { n: port.user_count - port.users.length }) : null}
          </span>
        ) : null}
        {port.note ? <span className="dim">{port.note}</span> : null}
      </td>
    </tr>
  );
}

/** The row that was picked on the map comes into view and takes the focus. */
function usePicked(picked: string): (element: HTMLTableRowElement | null) => void {
  return useCallback(
    (element) => {
      if (!element || !picked) return;
      element.scrollIntoView({ block: "center" });
      element.focus({ preventScroll: true });
    },
    [picked],
  );
}

function Rows({ ports, picked }: { ports: readonly PortView[]; picked: string }) {
  const take = usePicked(picked);
  return (
    <div className="tablebox">
      <table className={`plain ${styles.table ?? ""}`}>
        <thead>
          <tr>
            <th>{t("network.port")}</th>
            <th>{t("network.number")}</th>
            <th>{t("network.state")}</th>
            <th>{t("network.purpose")}</th>
            <th>{t("network.side")}</th>
            <th>{t("network.tls")}</th>
            <th>{t("network.changeable")}</th>
          </tr>
        </thead>
        <tbody>
          {ports.map((port) => (
            <Fragment key={`${port.row} ${port.protocol} ${port.side} ${port.number ?? ""}`}>
              <tr
                ref={port.row === picked ? take : undefined}
                tabIndex={port.row === picked ? -1 : undefined}
                className={port.row === picked ? styles.picked : undefined}
              >
                <td className={styles.name}>{port.row}</td>
                <td style={{ whiteSpace: "nowrap" }}>
                  <PortNumber port={port} />
                </td>
                <td className={styles.state} data-state={port.state}>
                  {port.state === "missing" ? <Mark severity={3} /> : null} {word("portstate", port.state)}
                </td>
                <td>{port.purpose}</td>
                <td>{word("direction", port.side)}</td>
                <td>{word("tls", port.tls)}</td>
                <td>
                  <ChangePort port={port} />
                </td>
              </tr>
              <About port={port} />
              <Ledger entries={port.ledger} />
            </Fragment>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Which ports of the manifest are shown; `picked` is a row that was chosen on the map, "" for none. */
export interface Shown {
  state: string;
  filter: string;
  picked: string;
}

const STATES = ["open", "closed", "planned", "all"] as const;

function matches(port: PortView, { state, filter }: Shown): boolean {
  const needle = filter.trim().toLowerCase();
  const wanted = state === "all" || port.state === state || (state === "open" && port.state === "missing");
  return wanted && (!needle || `${port.row} ${port.number ?? ""} ${port.purpose}`.toLowerCase().includes(needle));
}

interface Props {
  ports: readonly PortView[];
  shown: Shown;
  onShow: (shown: Shown) => void;
  query: Parameters<typeof Await>[0]["query"];
}

/** Every row of the port manifest in full, with what holds it now. */
export function Manifest({ ports, shown, onShow, query }: Props) {
  const rows = ports.filter((port) => matches(port, shown));
  return (
    <Panel
      title={t("network.manifest")}
      count={t("network.count", { shown: rows.length, total: ports.length })}
      actions={
        <>
          <SegmentedControl
            aria-label={t("network.show")}
            value={shown.state}
            onChange={(state) => onShow({ ...shown, state, picked: "" })}
            data={STATES.map((value) => ({ value, label: value === "all" ? t("network.all") : word("portstate", value) }))}
          />
          <TextInput
            data-filter
            placeholder={t("filter.ports")}
            aria-label={t("filter.ports")}
            value={shown.filter}
            onChange={(e) => onShow({ ...shown, filter: e.currentTarget.value, picked: "" })}
          />
        </>
      }
      flush
    >
      <Await query={query} rows={10}>
        {rows.length === 0 ? (
          <Empty what={t("filter.none")} next={t("filter.none.next")} />
        ) : (
          <Rows ports={rows} picked={shown.picked} />
        )}
      </Await>
    </Panel>
  );
}
