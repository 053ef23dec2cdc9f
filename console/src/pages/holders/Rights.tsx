import { Button, SegmentedControl, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { api, take } from "../../api/client";
import type { components } from "../../api/schema";
import { useCan, useZone } from "../../app/session";
import { Reports } from "../../parts/Download";
import { EntityLink } from "../../parts/EntityLink";
import { Panel } from "../../parts/Panel";
import { Await, Empty } from "../../parts/States";
import { t, word } from "../../text/t";
import { day } from "../../time/zone";

type Row = components["schemas"]["RightRow"];
type Way = components["schemas"]["Way"];

const STATES = ["all", "can", "cannot"] as const;
const PAGE = 50;

function When({ way }: { way: Way }) {
  const zone = useZone();
  const limit = (time: number | null): string => (time === null ? t("rights.open") : day(time / 1000, zone));
  return (
    <>
      <EntityLink to={`schedule:${way.schedule}`} label={way.when} />
      {way.valid_from !== null || way.valid_to !== null ? (
        <div className="dim">{t("rights.from", { from: limit(way.valid_from), to: limit(way.valid_to) })}</div>
      ) : null}
    </>
  );
}

function By({ way }: { way: Way }) {
  return (
    <>
      <EntityLink to={`access-profile:${way.profile}`} label={way.profile_name} />
      {way.group ? (
        <>
          {" · "}
          <EntityLink to={`holder-group:${way.group}`} />
        </>
      ) : null}
    </>
  );
}

/** Whether it opens: the credential's own state first, else that of the way. */
function Verdict({ row, way }: { row: Row; way: Way }) {
  const { verdict, why } = row.verdict === "no" ? row : way;
  return (
    <>
      {word("rights.verdict", verdict)}
      {why ? <div className="dim">{why}</div> : null}
    </>
  );
}

function Ways({ rows, who }: { rows: readonly Row[]; who: boolean }) {
  return (
    <div className="tablebox">
      <table className="plain">
        <thead>
          <tr>
            <th>{t(who ? "rights.person" : "rights.door")}</th>
            <th>{t("rights.credential")}</th>
            <th>{t("rights.when")}</th>
            <th>{t("rights.by")}</th>
            <th>{t("rights.can")}</th>
          </tr>
        </thead>
        <tbody>
          {rows.flatMap((row) =>
            row.ways.map((way, i) => (
              <tr key={`${row.credential} ${way.access_point} ${way.profile} ${way.group} ${way.schedule}`}>
                <td>
                  {who ? (
                    i === 0 ? (
                      <EntityLink to={`credential-holder:${row.holder}`} label={row.holder_name} />
                    ) : null
                  ) : (
                    <EntityLink to={`door:${way.door}`} />
                  )}
                  <div className="dim">{way.access_point_name}</div>
                </td>
                <td>
                  <EntityLink to={`credential:${row.credential}`} label={row.credential} />
                </td>
                <td>
                  <When way={way} />
                </td>
                <td>
                  <By way={way} />
                </td>
                <td>
                  <Verdict row={row} way={way} />
                </td>
              </tr>
            )),
          )}
        </tbody>
      </table>
    </div>
  );
}

const named = (form: string): string => t("report.rights", { form });

/** Who can open a door, when, by what; and who cannot although a profile leads there. */
export function DoorRights({ id }: { id: string }) {
  const can = useCan();
  const [state, setState] = useState<(typeof STATES)[number]>("all");
  const [text, setText] = useState("");
  const [q] = useDebouncedValue(text.trim(), 250);
  const [limit, setLimit] = useState(PAGE);
  const allowed = can("door.rights", { ref: `door:${id}` });
  const query = useQuery({
    queryKey: ["rights", "door", id, state, q, limit],
    queryFn: ({ signal }) =>
      take(api.GET("/api/v1/doors/{id}/rights", { params: { path: { id }, query: { state, q, limit } }, signal })),
    placeholderData: keepPreviousData,
    enabled: allowed,
  });
  if (!allowed) return null;
  const page = query.data;
  return (
    <Panel
      title={t("rights.who")}
      count={page?.total}
      flush
      actions={<Reports path="rights" query={new URLSearchParams({ door: id })} label={named} />}
    >
      <div className="row" style={{ padding: "8px 12px" }}>
        <TextInput
          className="grow"
          placeholder={t("rights.search")}
          aria-label={t("rights.search")}
          value={text}
          onChange={(e) => setText(e.currentTarget.value)}
        />
        <SegmentedControl
          aria-label={t("rights.state")}
          value={state}
          onChange={(value) => setState(STATES.find((one) => one === value) ?? "all")}
          data={STATES.map((value) => ({ value, label: t(`rights.${value}`) }))}
        />
      </div>
      <Await query={query} rows={4}>
        {page?.items.length === 0 ? <Empty what={t("rights.none")} next={t("rights.none.next")} /> : null}
        {page && page.items.length > 0 ? <Ways rows={page.items} who /> : null}
        {page && page.total > page.items.length ? (
          <div className="row" style={{ padding: "8px 12px" }}>
            <span className="dim">{t("rights.page", { shown: page.items.length, total: page.total })}</span>
            {limit < 1000 ? (
              <Button variant="default" onClick={() => setLimit(Math.min(1000, limit + 200))}>
                {t("rights.more")}
              </Button>
            ) : null}
          </div>
        ) : null}
      </Await>
    </Panel>
  );
}

/** What a person can open, when, by what; and what is in the way. */
export function HolderRights({ id }: { id: string }) {
  const can = useCan();
  const allowed = can("credential-holder.rights", { ref: `credential-holder:${id}` });
  const query = useQuery({
    queryKey: ["rights", "holder", id],
    queryFn: ({ signal }) =>
      take(api.GET("/api/v1/credential-holders/{id}/rights", { params: { path: { id }, query: { limit: 200 } }, signal })),
    enabled: allowed,
  });
  if (!allowed) return null;
  const rows = (query.data?.items ?? []).filter((row) => row.ways.length > 0);
  return (
    <Panel
      title={t("rights.what")}
      flush
      actions={<Reports path="rights" query={new URLSearchParams({ holder: id })} label={named} />}
    >
      <Await query={query} rows={4}>
        {rows.length === 0 ? (
          <Empty what={t("rights.nothing")} next={t("rights.nothing.next")} />
        ) : (
          <Ways rows={rows} who={false} />
        )}
      </Await>
    </Panel>
  );
}
