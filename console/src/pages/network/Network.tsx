import { SegmentedControl, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Fragment, useEffect, useState } from "react";

import { api, take } from "../../api/client";
import type { LedgerEntry, PortView } from "../../api/types";
import { live } from "../../live/live";
import { Mark } from "../../parts/Mark";
import { PageHead, Panel } from "../../parts/Panel";
import { Await, Empty } from "../../parts/States";
import { Age } from "../../parts/Time";
import { size } from "../../site/units";
import { t, word } from "../../text/t";
import { ChangePort } from "./ChangePort";
import { Export } from "./Export";
import { Found } from "./Found";
import { PortTrials } from "./PortTrials";
import styles from "./Network.module.css";

/** The ledger as it is now, each 2 s; null until the first came. */
function useLedger(): LedgerEntry[] | null {
  const [ledger, setLedger] = useState<LedgerEntry[] | null>(null);
  useEffect(() => live.subscribe("network", {}, (message) => setLedger((message.ledger ?? []) as LedgerEntry[])), []);
  return ledger;
}

function PortNumber({ port }: { port: PortView }) {
  if (port.number === null) return <>{t("network.template")}</>;
  return (
    <>
      {port.number}
      {port.last ? `–${port.last}` : ""}
      <span className="dim">/{port.protocol}</span>
    </>
  );
}

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

function Rows({ ports }: { ports: readonly PortView[] }) {
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
              <tr>
                <td className={styles.name}>{port.row}</td>
                <td style={{ whiteSpace: "nowrap" }}>
                  <PortNumber port={port} />
                </td>
                <td className={styles.state} data-state={port.state}>
                  {word("portstate", port.state)}
                </td>
                <td>{port.purpose}</td>
                <td>{word("direction", port.side)}</td>
                <td>{word("tls", port.tls)}</td>
                <td>
                  <ChangePort port={port} />
                </td>
              </tr>
              <Ledger entries={port.ledger} />
            </Fragment>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** The port manifest of this node and what is open of it now. */
export function Network() {
  const query = useQuery({
    queryKey: ["ports"],
    queryFn: ({ signal }) => take(api.GET("/api/v1/network/ports", { signal })),
    refetchInterval: 15_000,
  });
  const ledger = useLedger();
  const [show, setShow] = useState("open");
  const [filter, setFilter] = useState("");
  const needle = filter.trim().toLowerCase();
  const ports = (query.data?.items ?? []).map((port) => {
    const entries = ledger
      ? ledger.filter((entry) => entry.port === port.row && (entry.transport === port.protocol || entry.transport === "unix"))
      : port.ledger;
    return { ...port, ledger: entries, state: port.state === "closed" && entries.length > 0 ? ("open" as const) : port.state };
  });
  const shown = ports.filter(
    (port) =>
      (show === "all" || (show === "open" ? port.state === "open" || port.ledger.length > 0 : port.state === show)) &&
      (!needle || `${port.row} ${port.number ?? ""} ${port.purpose}`.toLowerCase().includes(needle)),
  );
  return (
    <>
      <PageHead
        title={t("nav.network")}
        after={query.data ? <span className="dim">{t("network.node", { node: query.data.node })}</span> : null}
        actions={
          <>
            <SegmentedControl
              aria-label={t("network.show")}
              value={show}
              onChange={setShow}
              data={(["open", "closed", "planned"] as const)
                .map((value) => ({ value, label: word("portstate", value) }))
                .concat([{ value: "all" as "open", label: t("network.all") }])}
            />
            <TextInput
              data-filter
              placeholder={t("filter.ports")}
              aria-label={t("filter.ports")}
              value={filter}
              onChange={(e) => setFilter(e.currentTarget.value)}
            />
          </>
        }
      />
      <p className="dim" style={{ margin: 0 }}>
        {t("network.about")}
      </p>
      <PortTrials ports={query.data?.items ?? []} />
      <Panel title={t("network.manifest")} count={t("network.count", { shown: shown.length, total: ports.length })} flush>
        <Await query={query} rows={10}>
          {shown.length === 0 ? <Empty what={t("filter.none")} next={t("filter.none.next")} /> : <Rows ports={shown} />}
        </Await>
      </Panel>
      <Found />
      <Export />
    </>
  );
}
