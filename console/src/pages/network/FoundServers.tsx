import { Button } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { Fragment, useRef, useState } from "react";
import { Link } from "react-router";

import type { FoundServer, FoundServers as Found, RegisteredServer } from "../../api/types";
import { useCan } from "../../app/session";
import { EntityLink } from "../../parts/EntityLink";
import { Icon } from "../../parts/Icon";
import { Mark } from "../../parts/Mark";
import { Panel } from "../../parts/Panel";
import { Await, Empty } from "../../parts/States";
import { Age, Time } from "../../parts/Time";
import { pageOf } from "../../site/kinds";
import type { Severity } from "../../site/severity";
import { t, word } from "../../text/t";
import { RegisterServer } from "./RegisterServer";
import { SERVERS, useFoundServers } from "./servers";
import styles from "./Servers.module.css";

const COLUMNS = 7;
const OF_REACH: Record<FoundServer["reach"], Severity> = { reachable: 0, unchecked: 0, unreachable: 2, "other-certificate": 2 };
const OF_TRUST: Record<FoundServer["trust"], Severity> = { site: 0, registered: 0, unknown: 0, changed: 2 };

function Said({ severity, children }: { severity: Severity; children: React.ReactNode }) {
  return (
    <span className={styles.nowrap}>
      {severity > 0 ? <Mark severity={severity} label={t("severity.warning")} /> : null} {children}
    </span>
  );
}

function Heard({ server }: { server: FoundServer }) {
  const state = server.present ? "present" : server.farewell ? "stopped" : "silent";
  return (
    <span className={styles.nowrap}>
      {word("serverstate", state)} <span className="dim">·</span> <Age us={server.last} />
    </span>
  );
}

function Details({ server }: { server: FoundServer }) {
  const rows: [string, React.ReactNode][] = [
    [t("servers.node"), server.node],
    [t("servers.version"), server.version],
    [t("servers.address"), `${server.addresses.join(", ")} (${server.interface})`],
    [t("servers.ports"), server.ports.map((port) => `${port.row} ${port.number}`).join(", ")],
    [t("servers.group"), server.group],
    [t("servers.certificate"), server.fingerprint],
    [t("servers.key"), server.key],
    [t("servers.site"), server.site],
    [t("servers.reach"), server.reach_detail || word("serverreach", server.reach)],
  ];
  return (
    <dl className={`facts ${styles.facts ?? ""}`} aria-label={t("servers.details", { name: server.name })}>
      {rows.map(([name, value]) => (
        <Fragment key={name}>
          <dt>{name}</dt>
          <dd className="mono">{value || t("value.none")}</dd>
        </Fragment>
      ))}
      <dt>{t("servers.heard")}</dt>
      <dd>
        <Time us={server.last} />
      </dd>
    </dl>
  );
}

interface RowProps {
  server: FoundServer;
  open: "" | "details" | "register";
  onOpen: (what: "" | "details" | "register") => void;
  onRegistered: (registered: RegisteredServer) => void;
}

function Row({ server, open, onOpen, onRegistered }: RowProps) {
  const can = useCan();
  const button = useRef<HTMLButtonElement>(null);
  const close = (): void => {
    onOpen("");
    button.current?.focus();
  };
  const registrable = can("node.create") && server.present && server.roles.length > server.registered.length;
  return (
    <Fragment>
      <tr className={server.present ? undefined : styles.silent}>
        <td className={styles.name}>{server.name}</td>
        <td>{server.roles.map((role) => word("serverrole", role)).join(", ")}</td>
        <td className="mono">{server.address}</td>
        <td>
          <Heard server={server} />
        </td>
        <td title={server.reach_detail || undefined}>
          <Said severity={server.present ? OF_REACH[server.reach] : 0}>{word("serverreach", server.reach)}</Said>
        </td>
        <td>
          {server.registered.length > 0 ? (
            server.registered.map((reference) => (
              <div key={reference}>
                <EntityLink to={reference} />
              </div>
            ))
          ) : (
            <Said severity={OF_TRUST[server.trust]}>{word("servertrust", server.trust)}</Said>
          )}
        </td>
        <td className={`num ${styles.nowrap ?? ""}`}>
          <Button
            variant="subtle"
            size="compact-sm"
            onClick={() => onOpen(open === "details" ? "" : "details")}
            aria-expanded={open === "details"}
            aria-label={t("servers.details", { name: server.name })}
          >
            {t("servers.unfold")}
          </Button>{" "}
          {registrable ? (
            <Button
              ref={button}
              variant="default"
              size="compact-sm"
              onClick={() => onOpen(open === "register" ? "" : "register")}
              aria-expanded={open === "register"}
              aria-label={t("servers.register.what", { name: server.name })}
              leftSection={<Icon name="plus" size={14} />}
            >
              {t("servers.register")}
            </Button>
          ) : null}
        </td>
      </tr>
      {server.problems.map((problem) => (
        <tr key={problem} className={styles.entry}>
          <td colSpan={COLUMNS}>
            <Mark severity={2} label={t("severity.warning")} /> {problem}
          </td>
        </tr>
      ))}
      {open ? (
        <tr className={styles.entry}>
          <td colSpan={COLUMNS}>
            {open === "details" ? (
              <Details server={server} />
            ) : (
              <RegisterServer server={server} onRegistered={onRegistered} onCancel={close} />
            )}
          </td>
        </tr>
      ) : null}
    </Fragment>
  );
}

function Servers({ items, onRegistered }: { items: readonly FoundServer[]; onRegistered: RowProps["onRegistered"] }) {
  const [open, setOpen] = useState<{ id: string; what: RowProps["open"] }>({ id: "", what: "" });
  return (
    <div className="tablebox">
      <table className={`plain ${styles.table ?? ""}`}>
        <thead>
          <tr>
            <th>{t("servers.name")}</th>
            <th>{t("servers.role")}</th>
            <th>{t("servers.address")}</th>
            <th>{t("servers.heard")}</th>
            <th>{t("servers.reach")}</th>
            <th>{t("servers.trust")}</th>
            <th aria-label={t("servers.register")} />
          </tr>
        </thead>
        <tbody>
          {items.map((server) => (
            <Row
              key={server.id}
              server={server}
              open={open.id === server.id ? open.what : ""}
              onOpen={(what) => setOpen({ id: server.id, what })}
              onRegistered={(registered) => {
                setOpen({ id: "", what: "" });
                onRegistered(registered);
              }}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Nothing({ found }: { found: Found }) {
  if (!found.enabled) return <Empty what={t("servers.off")} next={t("servers.off.next")} />;
  if (found.places.length === 0) return <Empty what={t("servers.nowhere")} />;
  return <Empty what={t("servers.none")} next={t("servers.none.next")} />;
}

/** Servers and nodes that announce themselves, with age and reachability, and the way to register them. */
export function FoundServers() {
  const queries = useQueryClient();
  const query = useFoundServers();
  const [registered, setRegistered] = useState<RegisteredServer | null>(null);
  const found = query.data;
  const items = found?.items ?? [];
  return (
    <Panel title={t("servers.title")} count={found?.enabled ? items.length : undefined} flush>
      {found?.enabled && found.places.length > 0 ? (
        <p className={`dim ${styles.line ?? ""}`}>
          {t("servers.listens", { where: found.places.join(", ") })}{" "}
          <span className={`mono ${styles.key ?? ""}`}>{found.fingerprint || found.key}</span>
        </p>
      ) : null}
      {registered ? (
        <p className={styles.line} role="status">
          {t("servers.registered")} {registered.next} <Link to={pageOf(registered.entity) ?? ""}>{registered.entity}</Link>
        </p>
      ) : null}
      {(found?.problems ?? []).map((problem) => (
        <p key={problem} className={styles.line}>
          <Mark severity={2} label={t("severity.warning")} /> {problem}
        </p>
      ))}
      <Await query={query} rows={3}>
        {items.length > 0 ? (
          <Servers
            items={items}
            onRegistered={(made) => {
              setRegistered(made);
              void queries.invalidateQueries({ queryKey: SERVERS });
            }}
          />
        ) : found ? (
          <Nothing found={found} />
        ) : null}
      </Await>
    </Panel>
  );
}
