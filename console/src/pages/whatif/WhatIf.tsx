import { Button, NativeSelect, Progress } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState, type ReactNode } from "react";

import { api, take } from "../../api/client";
import { Problem } from "../../api/problem";
import type { components } from "../../api/schema";
import { useCan } from "../../app/session";
import { EntityLink } from "../../parts/EntityLink";
import { Panel } from "../../parts/Panel";
import { Await, Empty, Failure } from "../../parts/States";
import { Time } from "../../parts/Time";
import type { Kind } from "../../site/kinds";
import { t, word } from "../../text/t";
import { idOf, type Body } from "./id";
import type { Draft } from "./removal";

type View = components["schemas"]["WhatIf"];
type Outcomes = components["schemas"]["Outcomes"];
type Side = components["schemas"]["Side"];
type Touched = components["schemas"]["Touched"];

const LOOK_MS = 400;
const PAGE = 100;
const DAYS = [1, 7, 30, 90] as const;

/** Kinds that say who may pass, so that a change of one can be tried. */
export const TRIABLE: ReadonlySet<Kind> = new Set<Kind>([
  "access-point",
  "access-profile",
  "authentication-profile",
  "credential",
  "credential-holder",
  "door",
  "holder-group",
  "schedule",
  "special-day-group",
]);

function SideCell({ side, names }: { side: Side; names: View["names"] }) {
  return (
    <>
      <strong>{word("whatif.outcome", side.outcome)}</strong>
      <div className="dim">
        {side.profile && side.outcome === "granted"
          ? t("whatif.by", { profile: names[`access-profile:${side.profile}`] ?? side.profile })
          : side.text}
      </div>
    </>
  );
}

function Counts({ title, kind, rows, names }: { title: string; kind: Kind; rows: readonly Touched[]; names: View["names"] }) {
  return (
    <div className="tablebox">
      <table className="plain">
        <thead>
          <tr>
            <th>{title}</th>
            <th className="num">{t("whatif.outcome.granted")}</th>
            <th className="num">{t("whatif.outcome.asks")}</th>
            <th className="num">{t("whatif.outcome.denied")}</th>
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, 10).map((row) => (
            <tr key={row.id}>
              <td>
                <EntityLink to={`${kind}:${row.id}`} label={names[`${kind}:${row.id}`] ?? row.id} />
              </td>
              <td className="num">{row.granted || ""}</td>
              <td className="num">{row.asks || ""}</td>
              <td className="num">{row.denied || ""}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Differences({ found, names }: { found: Outcomes; names: View["names"] }) {
  const [shown, setShown] = useState(PAGE);
  const total = found.granted + found.asks + found.denied;
  return (
    <>
      <div className="tablebox">
        <table className="plain">
          <thead>
            <tr>
              <th>{t("whatif.when")}</th>
              <th>{t("whatif.who")}</th>
              <th>{t("whatif.where")}</th>
              <th>{t("whatif.before")}</th>
              <th>{t("whatif.after")}</th>
            </tr>
          </thead>
          <tbody>
            {found.differences.slice(0, shown).map((one) => (
              <tr key={one.seq}>
                <td>
                  <Time us={one.time} />
                </td>
                <td>
                  {one.holder ? (
                    <EntityLink
                      to={`credential-holder:${one.holder}`}
                      label={names[`credential-holder:${one.holder}`] ?? one.holder}
                    />
                  ) : (
                    t("whatif.unknown")
                  )}
                </td>
                <td>
                  <EntityLink to={`door:${one.door}`} label={names[`door:${one.door}`] ?? one.door} />
                  <div className="dim">{names[`access-point:${one.access_point}`] ?? one.access_point}</div>
                </td>
                <td>
                  <SideCell side={one.before} names={names} />
                </td>
                <td>
                  <SideCell side={one.after} names={names} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {total > Math.min(shown, found.differences.length) ? (
        <div className="row" style={{ padding: "8px 12px" }}>
          <span className="dim">{t("whatif.page", { shown: Math.min(shown, found.differences.length), total })}</span>
          {shown < found.differences.length ? (
            <Button variant="default" onClick={() => setShown(shown + 3 * PAGE)}>
              {t("whatif.more")}
            </Button>
          ) : null}
        </div>
      ) : null}
    </>
  );
}

function Result({ view }: { view: View }) {
  const found = view.outcomes;
  if (!found) return null;
  const names = view.names;
  const differ = found.granted + found.asks + found.denied;
  return (
    <div className="stack">
      <p style={{ margin: 0, padding: "8px 12px 0" }}>
        <strong>{t("whatif.sum", { differ, requests: found.requests })}</strong>{" "}
        {differ > 0 ? t("whatif.parts", { granted: found.granted, asks: found.asks, denied: found.denied }) : null}
        {found.other_reason > 0 ? ` ${t("whatif.other", { n: found.other_reason })}` : null}
        {found.changed_since > 0 ? ` ${t("whatif.changed", { n: found.changed_since })}` : null}
        {found.left_out > 0 ? ` ${t("whatif.left", { n: found.left_out })}` : null}
        {view.truncated ? ` ${t("whatif.truncated")}` : null}
      </p>
      {found.requests === 0 ? <Empty what={t("whatif.none")} next={t("whatif.none.next")} /> : null}
      {differ > 0 ? (
        <>
          <Differences found={found} names={names} />
          <Counts title={t("whatif.doors")} kind="door" rows={found.doors} names={names} />
          {found.holders.length > 0 ? (
            <Counts title={t("whatif.people")} kind="credential-holder" rows={found.holders} names={names} />
          ) : null}
        </>
      ) : null}
    </div>
  );
}

/** A trial that runs or is done: how far it is, then what would be different. */
function Trial({ id }: { id: string }) {
  const query = useQuery({
    queryKey: ["what-if", id],
    queryFn: ({ signal }) => take(api.GET("/api/v1/access/what-if/{id}", { params: { path: { id } }, signal })),
    refetchInterval: ({ state }) => (state.data && state.data.state !== "running" ? false : LOOK_MS),
    refetchOnWindowFocus: false,
  });
  const view = query.data;
  const top = useRef<HTMLDivElement>(null);
  const state = view?.state;
  useEffect(() => {
    // The form is long, and what was asked for comes below it.
    if (state) top.current?.scrollIntoView({ block: "start" });
  }, [state]);
  return (
    <div ref={top} style={{ scrollMarginTop: 140 }}>
      <Panel title={t("whatif.title")} flush>
        <Await query={query} rows={3}>
          {view?.state === "running" ? (
            <div className="row" role="status" aria-live="polite" style={{ padding: 12 }}>
              <span>{t("whatif.running")}</span>
              <Progress className="grow" value={view.progress * 100} aria-label={t("whatif.running")} />
            </div>
          ) : null}
          {view?.state === "failed" ? (
            <div style={{ padding: 12 }}>
              <Failure error={new Problem(409, view.state, view.what, view.where, view.remedy)} />
            </div>
          ) : null}
          {view?.state === "done" ? <Result view={view} /> : null}
        </Await>
      </Panel>
    </div>
  );
}

interface TryingProps {
  /** What is tried; null where it cannot be read, which is told elsewhere. */
  read: () => Draft | null;
  label: string;
  before?: ReactNode;
}

/** Tries a draft on the requests of the last days. Nothing is changed by it. */
export function Trying({ read, label, before }: TryingProps) {
  const [days, setDays] = useState<number>(7);
  const [trial, setTrial] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const start = (): void => {
    const draft = read();
    if (!draft) return;
    setBusy(true);
    setError(null);
    take(api.POST("/api/v1/access/what-if", { body: { days, draft } }))
      .then((view) => setTrial(view.id), setError)
      .finally(() => setBusy(false));
  };
  return (
    <div className="stack">
      <div className="row">
        {before}
        <Button variant="default" onClick={start} loading={busy}>
          {label}
        </Button>
        <NativeSelect
          aria-label={t("whatif.days")}
          value={String(days)}
          onChange={(event) => setDays(Number(event.currentTarget.value))}
          data={DAYS.map((n) => ({ value: String(n), label: t("whatif.last", { n }) }))}
        />
        <span className="dim">{t("whatif.help")}</span>
      </div>
      {error ? <Failure error={error} /> : null}
      {trial ? <Trial key={trial} id={trial} /> : null}
    </div>
  );
}

interface Props {
  kind: Kind;
  /** Of what is there already; null for a new one, which gets its id from its name. */
  id: string | null;
  /** What the form says now; null where it cannot be read, which the form tells itself. */
  read: () => Body | null;
}

/** Tries what a form says. */
export function WhatIf({ kind, id, read }: Props) {
  const can = useCan();
  if (!TRIABLE.has(kind) || !can("access.what-if")) return null;
  const draft = (): Draft | null => {
    const body = read();
    return body && [{ kind, id: id ?? idOf(body), body }];
  };
  return <Trying read={draft} label={t("whatif.try")} />;
}
