import { Link, useParams } from "react-router";

import type { ZoneNow } from "../../api/types";
import { EntityLink } from "../../parts/EntityLink";
import { Mark } from "../../parts/Mark";
import { PageHead, Panel } from "../../parts/Panel";
import { Await, Empty } from "../../parts/States";
import { Age, Time } from "../../parts/Time";
import { t, word } from "../../text/t";
import { ZoneOrders } from "./Orders";
import { useZone, useZones } from "./useZones";

/** How a zone is in words: what is not normal has a mark. */
function ZoneState({ zone }: { zone: ZoneNow }) {
  if (!zone.enabled) return <span className="dim">{t("zones.off")}</span>;
  if (zone.fire)
    return (
      <span>
        <Mark severity={3} /> {t("zones.fire")}
      </span>
    );
  if (zone.armed)
    return (
      <span>
        <Mark severity={1} /> {t("zones.armed")} <Age us={zone.armed} />
      </span>
    );
  if (zone.kind === "intrusion-zone") return t("zones.disarmed");
  const full = zone.limit !== null && zone.inside !== null && zone.inside >= zone.limit;
  if (zone.inside !== null)
    return (
      <span className="num">
        {full ? <Mark severity={1} /> : null}{" "}
        {zone.limit === null ? t("zones.inside", { n: zone.inside }) : t("zones.of", { n: zone.inside, limit: zone.limit })}
      </span>
    );
  if (zone.open_doors.length > 0)
    return (
      <span>
        {t("zones.open")}{" "}
        {zone.open_doors.map((door) => (
          <EntityLink key={door} to={`door:${door}`} />
        ))}
      </span>
    );
  if (zone.first)
    return (
      <span>
        {t("zones.first")} <Time us={zone.first} short />
      </span>
    );
  return <span className="dim">{t("value.none")}</span>;
}

function HeldBy({ zone }: { zone: ZoneNow }) {
  return zone.held_by ? <EntityLink to={`controller:${zone.held_by}`} /> : <>{word("zoneoffline", zone.offline)}</>;
}

/** All zones as they are now. */
export function Zones() {
  const query = useZones();
  const items = query.data?.items ?? [];
  return (
    <>
      <PageHead title={t("zones.title")} after={<Link to="/muster">{t("muster.title")}</Link>} />
      <Panel title={t("zones.title")} count={query.data ? items.length : undefined} flush>
        <Await query={query} rows={6}>
          {items.length === 0 ? (
            <Empty what={t("zones.none")} next={t("zones.none.next")} action={<Link to="/site">{t("nav.site")}</Link>} />
          ) : (
            <div className="tablebox">
              <table className="plain">
                <thead>
                  <tr>
                    <th>{t("zones.zone")}</th>
                    <th className="wide-only">{t("zones.kind")}</th>
                    <th>{t("zones.state")}</th>
                    <th className="wide-only">{t("zones.heldby")}</th>
                  </tr>
                </thead>
                <tbody>
                  {items.map((zone) => (
                    <tr key={`${zone.kind}:${zone.id}`}>
                      <td>
                        <Link to={`/zones/${zone.kind}/${zone.id}`}>{zone.name}</Link>
                        <div className="narrow-only dim">{word("kind", zone.kind)}</div>
                      </td>
                      <td className="wide-only">{word("kind", zone.kind)}</td>
                      <td>
                        <ZoneState zone={zone} />
                      </td>
                      <td className="wide-only">
                        <HeldBy zone={zone} />
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          )}
        </Await>
      </Panel>
    </>
  );
}

/** One zone: how it is, who is in it, and what can be done. */
export function ZonePage() {
  const { kind = "", id = "" } = useParams();
  const query = useZone(kind as ZoneNow["kind"], id);
  const zone = query.data?.zone;
  const people = query.data?.occupants ?? [];
  return (
    <Await query={query} rows={8}>
      {zone ? (
        <>
          <PageHead
            title={zone.name}
            after={<Link to="/zones">{t("zones.title")}</Link>}
            actions={<ZoneOrders zone={zone} people={people} />}
          />
          <Panel title={t("entity.about")}>
            <dl className="facts">
              <dt>{t("zones.kind")}</dt>
              <dd>
                <EntityLink to={`${zone.kind}:${zone.id}`} label={word("kind", zone.kind)} />
              </dd>
              <dt>{t("zones.state")}</dt>
              <dd>
                <ZoneState zone={zone} />
              </dd>
              <dt>{t("zones.heldby")}</dt>
              <dd>
                <HeldBy zone={zone} />
              </dd>
            </dl>
          </Panel>
          {zone.inside === null ? null : (
            <Panel title={t("zones.people")} count={zone.inside} flush>
              {people.length === 0 ? (
                <Empty what={t("zones.nobody")} next={t("zones.nobody.next")} />
              ) : (
                <div className="tablebox">
                  <table className="plain">
                    <thead>
                      <tr>
                        <th>{t("zones.person")}</th>
                        <th>{t("zones.area")}</th>
                        <th>{t("zones.since")}</th>
                        <th className="wide-only">{t("zones.door")}</th>
                      </tr>
                    </thead>
                    <tbody>
                      {people.map((one) => (
                        <tr key={one.holder}>
                          <td>
                            <EntityLink to={`credential-holder:${one.holder}`} label={one.name} />
                          </td>
                          <td>{one.area_name}</td>
                          <td>
                            <Time us={one.since} />
                          </td>
                          <td className="wide-only">
                            {one.door ? <EntityLink to={`door:${one.door}`} label={one.door_name} /> : t("value.none")}
                          </td>
                        </tr>
                      ))}
                    </tbody>
                  </table>
                </div>
              )}
            </Panel>
          )}
        </>
      ) : null}
    </Await>
  );
}
