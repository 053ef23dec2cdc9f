import { useQuery } from "@tanstack/react-query";
import { useParams } from "react-router";

import { api, take } from "../../api/client";
import { useEntity } from "../../api/hooks";
import type { Door } from "../../api/types";
import { useStatus } from "../../live/status";
import { EntityLink } from "../../parts/EntityLink";
import { EditLink } from "../../parts/EditLink";
import { StateTag } from "../../parts/Mark";
import { PageTabs, useTab } from "../../parts/PageTabs";
import { PageHead, Panel } from "../../parts/Panel";
import { RecentEvents } from "../../parts/RecentEvents";
import { Await } from "../../parts/States";
import { Time } from "../../parts/Time";
import { LiveVideo } from "../../player/LiveVideo";
import { doorAlarm, field } from "../../site/severity";
import { t, word } from "../../text/t";
import { DoorRights } from "../holders/Rights";
import { AlarmTag } from "./AlarmTag";
import { Commands } from "./Commands";
import { DoorHistory } from "./History";

function Facts({ door }: { door: Door }) {
  const status = useStatus(`door:${door.id}`) ?? door.status ?? undefined;
  const alarm = doorAlarm(status);
  const readers = useQuery({
    queryKey: ["list", "access-point", { door: door.id }],
    queryFn: ({ signal }) => take(api.GET("/api/v1/access-points", { params: { query: { door: door.id, limit: 100 } }, signal })),
  });
  return (
    <Panel title={t("door.now")}>
      <dl className="facts">
        <dt>{t("doors.state")}</dt>
        <dd>
          <StateTag status={status} />
          {status?.detail ? <div>{status.detail}</div> : null}
        </dd>
        <dt>{t("doors.alarm")}</dt>
        <dd>{alarm ? <AlarmTag status={status} whole /> : t("door.noalarm")}</dd>
        <dt>{t("doors.mode")}</dt>
        <dd>{word("mode", field(status, "mode"))}</dd>
        <dt>{t("doors.heldby")}</dt>
        <dd>
          {word("heldby", field(status, "held_by"))}
          {field(status, "priority") && field(status, "priority") !== "none" ? (
            <span className="dim"> ({word("priority", field(status, "priority"))})</span>
          ) : null}
          {status?.data.first_person === true ? <div className="dim">{t("doors.firstperson")}</div> : null}
        </dd>
        <dt>{t("doors.contact")}</dt>
        <dd>{word("physical", field(status, "physical"))}</dd>
        <dt>{t("doors.lock")}</dt>
        <dd>{word("lock", field(status, "lock"))}</dd>
        {status ? (
          <>
            <dt>{t("doors.since")}</dt>
            <dd>
              <Time us={status.since} />
            </dd>
          </>
        ) : null}
        <dt>{t("doors.controller")}</dt>
        <dd>
          <EntityLink to={`controller:${door.controller}`} />
        </dd>
        {door.unlock_schedule ? (
          <>
            <dt>{t("door.schedule")}</dt>
            <dd>
              <EntityLink to={`schedule:${door.unlock_schedule}`} />
            </dd>
          </>
        ) : null}
        {door.area ? (
          <>
            <dt>{t("field.area")}</dt>
            <dd>
              <EntityLink to={`area:${door.area}`} />
            </dd>
          </>
        ) : null}
        <dt>{t("door.readers")}</dt>
        <dd>
          {(readers.data?.items ?? []).map((point) => (
            <div key={point.id}>
              <EntityLink to={`access-point:${point.id}`} label={point.name} />
            </div>
          ))}
        </dd>
        <dt>{t("door.times")}</dt>
        <dd>{t("door.times.text", { release: door.release_time, open: door.open_time })}</dd>
      </dl>
    </Panel>
  );
}

export function DoorPage() {
  const { id = "" } = useParams();
  const query = useEntity<Door>("door", id);
  const door = query.data;
  const tab = useTab();
  return (
    <Await query={query} rows={8}>
      {door ? (
        <>
          <PageHead
            title={door.name}
            after={<span className="dim">{word("doorkind", door.kind)}</span>}
            actions={<EditLink kind="door" id={id} />}
          />
          <PageTabs />
          {tab === "history" ? <DoorHistory door={door} /> : null}
          {tab === "now" ? (
            <div className="columns">
              <div className="stack">
                <Commands door={door} />
                <RecentEvents title={t("door.events")} entity={`door:${id}`} limit={30} />
                <DoorRights id={id} />
              </div>
              <div className="stack">
                {door.camera ? (
                  <Panel title={t("door.camera")} flush actions={<EntityLink to={`camera:${door.camera}`} />}>
                    <LiveVideo camera={door.camera} />
                  </Panel>
                ) : null}
                <Facts door={door} />
              </div>
            </div>
          ) : null}
        </>
      ) : null}
    </Await>
  );
}
