import { TextInput } from "@mantine/core";
import { useState } from "react";
import { Link } from "react-router";

import { useAll } from "../../api/hooks";
import type { Door } from "../../api/types";
import { useStatuses } from "../../live/status";
import { EntityLink } from "../../parts/EntityLink";
import { Mark, StateTag } from "../../parts/Mark";
import { PageHead, Panel } from "../../parts/Panel";
import { Await, Empty } from "../../parts/States";
import { Age } from "../../parts/Time";
import { doorAlarm, field, severityOf } from "../../site/severity";
import { t, word } from "../../text/t";
import { QuickRelease } from "./QuickRelease";

/** All doors as they are now. */
export function Doors() {
  const query = useAll<Door>("door");
  const statuses = useStatuses();
  const [filter, setFilter] = useState("");
  const needle = filter.trim().toLowerCase();
  const doors = (query.data ?? [])
    .filter((door) => !needle || door.name.toLowerCase().includes(needle) || door.id.includes(needle))
    .map((door) => ({ door, status: statuses.get(`door:${door.id}`) ?? door.status ?? undefined }))
    .sort((a, b) => severityOf(b.status) - severityOf(a.status) || a.door.name.localeCompare(b.door.name));
  return (
    <>
      <PageHead
        title={t("nav.doors")}
        actions={
          <TextInput
            data-filter
            placeholder={t("filter.doors")}
            aria-label={t("filter.doors")}
            value={filter}
            onChange={(e) => setFilter(e.currentTarget.value)}
          />
        }
      />
      <Panel title={t("doors.board")} count={query.data?.length} flush>
        <Await query={query} rows={6}>
          {doors.length === 0 ? (
            needle ? (
              <Empty what={t("filter.none")} next={t("filter.none.next")} />
            ) : (
              <Empty
                what={t("doors.none")}
                next={t("doors.none.next")}
                action={<Link to="/controllers">{t("doors.none.link")}</Link>}
              />
            )
          ) : (
            <div className="tablebox">
              <table className="plain">
                <thead>
                  <tr>
                    <th>{t("doors.door")}</th>
                    <th>{t("doors.alarm")}</th>
                    <th className="wide-only">{t("doors.mode")}</th>
                    <th>{t("doors.contact")}</th>
                    <th>{t("doors.lock")}</th>
                    <th className="wide-only">{t("doors.controller")}</th>
                    <th className="num wide-only">{t("doors.since")}</th>
                    <th />
                  </tr>
                </thead>
                <tbody>
                  {doors.map(({ door, status }) => {
                    const alarm = doorAlarm(status);
                    return (
                      <tr key={door.id}>
                        <td>
                          <Link to={`/doors/${door.id}`}>{door.name}</Link>
                        </td>
                        <td style={{ whiteSpace: "nowrap" }}>
                          {alarm ? (
                            <span style={{ color: "var(--sw-alarm)", fontWeight: 600 }}>
                              <Mark severity={3} /> {word("alarm", alarm)}
                            </span>
                          ) : status && status.state !== "online" ? (
                            <StateTag status={status} />
                          ) : (
                            <span className="dim">{t("value.none")}</span>
                          )}
                        </td>
                        <td className="wide-only">{word("mode", field(status, "mode"))}</td>
                        <td>{word("physical", field(status, "physical"))}</td>
                        <td>{word("lock", field(status, "lock"))}</td>
                        <td className="wide-only">
                          <EntityLink to={`controller:${door.controller}`} />
                        </td>
                        <td className="num wide-only">{status ? <Age us={status.since} /> : null}</td>
                        <td className="num">
                          <QuickRelease door={door} />
                        </td>
                      </tr>
                    );
                  })}
                </tbody>
              </table>
            </div>
          )}
        </Await>
      </Panel>
    </>
  );
}
