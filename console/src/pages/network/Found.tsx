import { Button } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Fragment, useRef, useState } from "react";
import { Link } from "react-router";

import { api, take } from "../../api/client";
import type { AddedDevice, FoundDevice } from "../../api/types";
import { useCan } from "../../app/session";
import { EntityLink } from "../../parts/EntityLink";
import { Icon } from "../../parts/Icon";
import { Mark } from "../../parts/Mark";
import { Panel } from "../../parts/Panel";
import { Await, Empty, Failure } from "../../parts/States";
import { Age, Time } from "../../parts/Time";
import { pageOf } from "../../site/kinds";
import { t, word } from "../../text/t";
import { AddFound } from "./AddFound";
import styles from "./Network.module.css";

const KEY = ["found-devices"] as const;
const COLUMNS = 7;

interface RowProps {
  device: FoundDevice;
  addable: boolean;
  open: boolean;
  onOpen: (open: boolean) => void;
  onAdded: (added: AddedDevice) => void;
}

function Row({ device, addable, open, onOpen, onAdded }: RowProps) {
  const button = useRef<HTMLButtonElement>(null);
  const close = (): void => {
    onOpen(false);
    button.current?.focus();
  };
  return (
    <Fragment>
      <tr>
        <td className={styles.name}>{device.name || t("found.nameless")}</td>
        <td>{word("foundkind", device.kind)}</td>
        <td>{[device.maker, device.model].filter(Boolean).join(" ") || <span className="dim">{t("found.unknown")}</span>}</td>
        <td className="mono">
          {device.page ? (
            <a href={device.page} target="_blank" rel="noreferrer" title={t("found.page")}>
              {device.address}
            </a>
          ) : (
            device.address
          )}
        </td>
        <td>{device.found.map((way) => word("foundby", way)).join(", ")}</td>
        <td className="num">
          <Age us={device.last} />
        </td>
        <td className="num">
          {device.site.map((reference) => (
            <div key={reference}>
              <EntityLink to={reference} />
            </div>
          ))}
          {addable ? (
            <Button
              ref={button}
              variant="default"
              size="compact-sm"
              onClick={() => onOpen(!open)}
              aria-expanded={open}
              aria-label={t("found.add.what", { name: device.name || device.address })}
              leftSection={<Icon name="plus" size={14} />}
            >
              {t("found.add")}
            </Button>
          ) : null}
        </td>
      </tr>
      {device.problems.map((problem) => (
        <tr key={problem} className={styles.entry}>
          <td colSpan={COLUMNS}>
            <Mark severity={1} label={t("severity.notice")} /> {problem}
          </td>
        </tr>
      ))}
      {open ? (
        <tr className={styles.entry}>
          <td colSpan={COLUMNS}>
            <AddFound device={device} onAdded={onAdded} onCancel={close} />
          </td>
        </tr>
      ) : null}
    </Fragment>
  );
}

function Devices({ items, onAdded }: { items: readonly FoundDevice[]; onAdded: (added: AddedDevice) => void }) {
  const can = useCan();
  const [open, setOpen] = useState("");
  const at = (address: string): number => items.filter((one) => one.address === address).length;
  return (
    <div className="tablebox">
      <table className={`plain ${styles.table ?? ""}`}>
        <thead>
          <tr>
            <th>{t("found.name")}</th>
            <th>{t("found.kind")}</th>
            <th>{t("found.model")}</th>
            <th>{t("found.address")}</th>
            <th>{t("found.by")}</th>
            <th className="num">{t("found.last")}</th>
            <th className="num">{t("found.site")}</th>
          </tr>
        </thead>
        <tbody>
          {items.map((device) => (
            <Row
              key={device.id}
              device={device}
              addable={
                can("camera.create") && !device.known && (device.services.length > 0 || device.site.length < at(device.address))
              }
              open={open === device.id}
              onOpen={(wanted) => setOpen(wanted ? device.id : "")}
              onAdded={(added) => {
                setOpen("");
                onAdded(added);
              }}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Devices that answered a search of the network, and the way to add them to the site. */
export function Found() {
  const can = useCan();
  const queries = useQueryClient();
  const [starting, setStarting] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [added, setAdded] = useState<AddedDevice | null>(null);
  const query = useQuery({
    queryKey: KEY,
    queryFn: ({ signal }) => take(api.GET("/api/v1/network/devices", { signal })),
    refetchInterval: (held) => (held.state.data?.search.running ? 700 : 30_000),
  });
  const renew = (): Promise<void> => queries.invalidateQueries({ queryKey: KEY });
  const search = query.data?.search;
  const items = query.data?.items ?? [];
  const running = search?.running ?? false;
  const start = (): void => {
    setStarting(true);
    setError(null);
    setAdded(null);
    take(api.POST("/api/v1/network/search", { body: {} }))
      .then(renew, setError)
      .finally(() => setStarting(false));
  };
  const button = can("network.search") ? (
    <Button variant="default" onClick={start} loading={starting || running} leftSection={<Icon name="search" size={14} />}>
      {t("found.search")}
    </Button>
  ) : undefined;
  const where = (search?.interfaces ?? []).join(", ");
  return (
    <Panel title={t("found.title")} count={search?.started ? items.length : undefined} actions={button} flush>
      <p className={`dim ${styles.state ?? ""} ${styles.line ?? ""}`} role="status">
        {running ? t("found.running", { where }) : search?.ended ? `${t("found.done", { where })} ` : ""}
        {!running && search?.ended ? <Time us={search.ended} /> : null}
      </p>
      {error ? <Failure error={error} retry={start} /> : null}
      {added ? (
        <p className={styles.line} role="status">
          {t("found.added")} {added.next} <Link to={`${pageOf(added.entity) ?? ""}/edit`}>{t("found.complete")}</Link>
        </p>
      ) : null}
      {(search?.problems ?? []).map((problem) => (
        <p key={problem} className={styles.line}>
          <Mark severity={2} label={t("severity.warning")} /> {problem}
        </p>
      ))}
      <Await query={query} rows={4}>
        {items.length > 0 ? (
          <Devices
            items={items}
            onAdded={(made) => {
              setAdded(made);
              void renew();
            }}
          />
        ) : running ? null : search?.ended ? (
          <Empty what={t("found.none")} next={t("found.none.next")} />
        ) : (
          <Empty what={t("found.never")} next={t("found.never.next")} />
        )}
      </Await>
    </Panel>
  );
}
