import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "react-router";

import { api, take } from "../../api/client";
import { listPath, useEntity } from "../../api/hooks";
import type { Controller, Entity } from "../../api/types";
import { useStatus } from "../../live/status";
import { EditLink } from "../../parts/EditLink";
import { EntityLink } from "../../parts/EntityLink";
import { StateTag } from "../../parts/Mark";
import { PageHead, Panel } from "../../parts/Panel";
import { RecentEvents } from "../../parts/RecentEvents";
import { Await, Empty } from "../../parts/States";
import { Time } from "../../parts/Time";
import { kindOf, PLURALS, REFERRING, type Kind } from "../../site/kinds";
import { t, word } from "../../text/t";
import { BoardFacts } from "../controllers/Board";
import { ControllerLimits } from "../controllers/Limits";
import { ControllerOrders } from "../controllers/Orders";
import { Temporary } from "../controllers/Temporary";
import { NotFound } from "../NotFound";
import { Browse } from "../points/Browse";
import { ProfileWithout } from "../whatif/Removed";

const APART = new Set(["id", "name", "revision", "status", "changed", "picture"]);
/** Fields of a controller that mean nothing for one of another make. */
const OURS = new Set(["mode", "fingerprint", "revoked", "commissioning_set"]);
/** And what means nothing for one of ours. */
const THEIRS = new Set(["driver", "config"]);
const TIMES = new Set(["valid_from", "valid_to", "created", "expires", "revoked"]);

function Shown({ name, value }: { name: string; value: unknown }) {
  const kind = REFERRING[name];
  if (value === null || value === undefined || value === "" || (Array.isArray(value) && value.length === 0))
    return <span className="dim">{t("value.none")}</span>;
  if (typeof value === "boolean") return value ? t("value.yes") : t("value.no");
  if (TIMES.has(name) && typeof value === "number") return <Time us={value} short />;
  if (kind && typeof value === "string") return <EntityLink to={`${kind}:${value}`} />;
  if (kind && Array.isArray(value)) {
    return value.map((id) => (
      <div key={String(id)}>
        <EntityLink to={`${kind}:${String(id)}`} />
      </div>
    ));
  }
  if (Array.isArray(value) && value.every((item) => typeof item === "object" && item !== null)) {
    return value.map((item, i) => (
      <div key={i}>
        {Object.entries(item as Record<string, unknown>).map(([field, part], n) => (
          <span key={field}>
            {n > 0 ? " · " : ""}
            <span className="dim">{word("field", field)}</span> <Shown name={field} value={part} />
          </span>
        ))}
      </div>
    ));
  }
  if (Array.isArray(value)) return value.join(", ");
  const nested = typeof value === "object";
  const text = typeof value === "string" ? value : JSON.stringify(value, null, 1);
  return (
    <span className={nested || name === "icalendar" ? "mono" : undefined} style={{ whiteSpace: "pre-wrap" }}>
      {text}
    </span>
  );
}

/** What of a kind refers to this entity, as lists can be filtered by a field that names it. */
const REFERRERS: Partial<Record<Kind, [Kind, string][]>> = {
  area: [
    ["camera", "area"],
    ["door", "area"],
    ["point", "area"],
    ["access-point", "area_to"],
    ["access-point", "area_from"],
  ],
  controller: [["door", "controller"]],
  endpoint: [["device", "endpoint"]],
  device: [["point", "device"]],
  user: [["token", "user"]],
  role: [
    ["user", "roles"],
    ["group", "roles"],
  ],
  group: [["user", "groups"]],
};

function Referrers({ id, from, field }: { id: string; from: Kind; field: string }) {
  const query = useQuery({
    queryKey: ["list", from, { [field]: id }],
    queryFn: ({ signal }) => take(api.GET(listPath(from), { params: { query: { [field]: id, limit: 100 } }, signal })),
  });
  const items = query.data?.items ?? [];
  if (items.length === 0) return null;
  return (
    <Panel title={word("kinds", from)} count={query.data?.total} flush>
      <table className="plain">
        <tbody>
          {items.map((item) => (
            <tr key={item.id}>
              <td>
                <Link to={`/${PLURALS[from]}/${item.id}`}>{item.name}</Link>
                {field === "area_from" || field === "area_to" ? <span className="dim"> · {word("field", field)}</span> : null}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  );
}

function Page({ kind, id }: { kind: Kind; id: string }) {
  const query = useEntity<Entity>(kind, id);
  const status = useStatus(`${kind}:${id}`) ?? query.data?.status ?? undefined;
  const document = (query.data ?? {}) as Record<string, unknown>;
  const board = kind === "controller" && (document.driver ?? "link") !== "link";
  return (
    <Await query={query} rows={8}>
      {query.data ? (
        <>
          <PageHead
            title={query.data.name}
            after={<Link to={`/${PLURALS[kind]}`}>{word("kind", kind)}</Link>}
            actions={
              <>
                {kind === "controller" && !board ? (
                  <ControllerOrders controller={query.data as Controller} connected={status?.state === "online"} />
                ) : null}
                {kind === "endpoint" || kind === "device" ? <Browse place={{ kind, id }} /> : null}
                <EditLink kind={kind} id={id} />
              </>
            }
          />
          {kind === "controller" ? <Temporary controller={query.data as Controller} status={status} /> : null}
          <div className="columns">
            <div className="stack">
              <Panel title={t("entity.about")}>
                <dl className="facts">
                  {status ? (
                    <>
                      <dt>{t("doors.state")}</dt>
                      <dd>
                        <StateTag status={status} /> <Time us={status.since} />
                        {status.detail ? <div>{status.detail}</div> : null}
                      </dd>
                    </>
                  ) : null}
                  {Object.entries(document)
                    .filter(([name]) => !APART.has(name) && !(kind === "controller" && (board ? OURS : THEIRS).has(name)))
                    .map(([name, value]) => (
                      <Row key={name} name={name} value={value} />
                    ))}
                  <dt>{t("entity.id")}</dt>
                  <dd className="mono">{id}</dd>
                </dl>
              </Panel>
              {board ? <BoardFacts status={status} /> : null}
              {board ? <ControllerLimits id={id} /> : null}
              {kind === "access-profile" ? <ProfileWithout id={id} /> : null}
              <RecentEvents title={t("entity.events")} entity={`${kind}:${id}`} limit={20} />
            </div>
            <div className="stack">
              {(REFERRERS[kind] ?? []).map(([from, field]) => (
                <Referrers key={`${from} ${field}`} id={id} from={from} field={field} />
              ))}
              {REFERRERS[kind] ? null : <Empty what={t("entity.norefs")} />}
            </div>
          </div>
        </>
      ) : null}
    </Await>
  );
}

function Row({ name, value }: { name: string; value: unknown }) {
  return (
    <>
      <dt>{word("field", name)}</dt>
      <dd>
        <Shown name={name} value={value} />
      </dd>
    </>
  );
}

/** The page of an entity whose kind has no page of its own: its document, its state, its events, what refers to it. */
export function EntityPage() {
  const { plural = "", id = "" } = useParams();
  const kind = kindOf(plural);
  return kind ? <Page key={`${kind} ${id}`} kind={kind} id={id} /> : <NotFound />;
}
