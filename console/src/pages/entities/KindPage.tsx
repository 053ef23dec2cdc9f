import { Button, TextInput } from "@mantine/core";
import { useState } from "react";
import { Link, useParams } from "react-router";

import { useAll } from "../../api/hooks";
import type { Controller, Entity } from "../../api/types";
import { useCan } from "../../app/session";
import { useStatuses } from "../../live/status";
import { Download, Reports } from "../../parts/Download";
import { EntityLink } from "../../parts/EntityLink";
import { StateTag } from "../../parts/Mark";
import { PageHead, Panel } from "../../parts/Panel";
import { Await, Empty } from "../../parts/States";
import { kindOf, PLURALS, REFERRING, type Kind } from "../../site/kinds";
import { t, word } from "../../text/t";
import { SearchControllers } from "../controllers/Search";
import { TemporaryTag } from "../controllers/Temporary";
import { NotFound } from "../NotFound";
import { Pairing } from "./Pairing";

/** Rows drawn at once; the filter finds the others. */
const SHOWN = 500;
/** Lists above which the rights of everybody can be had as a report. */
const RIGHTS: ReadonlySet<Kind> = new Set<Kind>(["access-profile", "credential-holder"]);

function mainReference(entity: Entity): string | null {
  for (const [field, kind] of Object.entries(REFERRING)) {
    if (field === "area") continue;
    const value = (entity as unknown as Record<string, unknown>)[field];
    if (typeof value === "string" && value) return `${kind}:${value}`;
  }
  return entity.area ? `area:${entity.area}` : null;
}

function List({ kind }: { kind: Kind }) {
  const query = useAll<Entity>(kind);
  const statuses = useStatuses();
  const can = useCan();
  const [filter, setFilter] = useState("");
  const needle = filter.trim().toLowerCase();
  const found = (query.data ?? []).filter((item) => !needle || `${item.name} ${item.id}`.toLowerCase().includes(needle));
  const add = can(`${kind}.create`) ? (
    <Button component={Link} to={`/${PLURALS[kind]}/new/edit`}>
      {t("entity.add", { kind: word("kind", kind) })}
    </Button>
  ) : null;
  return (
    <>
      <PageHead
        title={word("kinds", kind)}
        actions={
          <>
            <TextInput
              data-filter
              placeholder={t("filter.entities")}
              aria-label={t("filter.entities")}
              value={filter}
              onChange={(e) => setFilter(e.currentTarget.value)}
            />
            {kind === "controller" ? <SearchControllers /> : null}
            {kind === "credential-holder" && can("people.import") ? (
              <Button component={Link} to="/credential-holders/import" variant="default">
                {t("import.open")}
              </Button>
            ) : null}
            {kind === "credential-holder" && can("people.export") ? (
              <Download href="/api/v1/people/export.csv" label={t("import.export")} />
            ) : null}
            {RIGHTS.has(kind) && can("door.rights") ? (
              <Reports
                path="rights"
                query={new URLSearchParams()}
                short={(form) => t("report.short", { form })}
                label={(form) => t("report.everyone", { form })}
              />
            ) : null}
            {add}
          </>
        }
      />
      {kind === "controller" ? <Pairing /> : null}
      <Panel title={word("kinds", kind)} count={query.data?.length} flush>
        <Await query={query} rows={8}>
          {found.length === 0 ? (
            needle ? (
              <Empty what={t("filter.none")} next={t("filter.none.next")} />
            ) : (
              <Empty what={t("entity.none", { kinds: word("kinds", kind) })} next={word("kindhelp", kind)} action={add} />
            )
          ) : (
            <div className="tablebox">
              <table className="plain">
                <tbody>
                  {found.slice(0, SHOWN).map((item) => {
                    const status = statuses.get(`${kind}:${item.id}`) ?? item.status ?? undefined;
                    const main = mainReference(item);
                    return (
                      <tr key={item.id}>
                        <td>
                          <Link to={`/${PLURALS[kind]}/${item.id}`}>{item.name}</Link>
                        </td>
                        <td>
                          {status ? <StateTag status={status} /> : null}{" "}
                          {kind === "controller" ? <TemporaryTag controller={item as Controller} status={status} /> : null}
                        </td>
                        <td>{main ? <EntityLink to={main} /> : null}</td>
                        <td className="mono dim wide-only">{item.id}</td>
                        <td className="dim wide-only">{item.description}</td>
                      </tr>
                    );
                  })}
                </tbody>
              </table>
            </div>
          )}
          {found.length > SHOWN ? (
            <p className="dim" style={{ padding: "0 12px" }}>
              {t("entity.more", { n: found.length - SHOWN })}
            </p>
          ) : null}
        </Await>
      </Panel>
    </>
  );
}

/** The list of a kind that has no page of its own. */
export function KindPage() {
  const { plural = "" } = useParams();
  const kind = kindOf(plural);
  return kind ? <List key={kind} kind={kind} /> : <NotFound />;
}
