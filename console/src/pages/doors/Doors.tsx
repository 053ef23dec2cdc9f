import { Chip, TextInput } from "@mantine/core";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { Link, useNavigate } from "react-router";

import { useAll } from "../../api/hooks";
import type { Door } from "../../api/types";
import { useKeys } from "../../app/keys";
import { useStatuses } from "../../live/status";
import { EntityLink } from "../../parts/EntityLink";
import { StateTag } from "../../parts/Mark";
import { PageHead, Panel } from "../../parts/Panel";
import { Await, Empty } from "../../parts/States";
import { Age } from "../../parts/Time";
import { doorAlarm, field, severityOf } from "../../site/severity";
import { t, word } from "../../text/t";
import { AlarmTag } from "./AlarmTag";
import styles from "./Doors.module.css";
import { QuickRelease } from "./QuickRelease";
import { SiteCommands } from "./SiteCommands";

/** Rows on the screen; what is not normal stands first, so nothing that matters is beyond them. */
const SHOWN = 400;

/** All doors as they are now: what is not normal first. */
export function Doors() {
  const query = useAll<Door>("door");
  const statuses = useStatuses();
  const navigate = useNavigate();
  const [filter, setFilter] = useState("");
  const [unusual, setUnusual] = useState(false);
  const [at, setAt] = useState<string | null>(null);
  /** What `at` becomes, for keys that come faster than the screen is drawn. */
  const chosen = useRef<string | null>(null);
  const [many, setMany] = useState(false);
  const body = useRef<HTMLTableSectionElement>(null);
  const needle = filter.trim().toLowerCase();
  const all = useMemo(
    () =>
      (query.data ?? [])
        .map((door) => {
          const status = statuses.get(`door:${door.id}`) ?? door.status ?? undefined;
          return { door, status, severity: severityOf(status) };
        })
        .sort((a, b) => b.severity - a.severity || a.door.name.localeCompare(b.door.name)),
    [query.data, statuses],
  );
  const doors = all.filter(
    ({ door, severity }) =>
      (!unusual || severity > 0) && (!needle || door.name.toLowerCase().includes(needle) || door.id.includes(needle)),
  );
  const shown = doors.slice(0, SHOWN);

  const keys = useCallback(
    (key: string): boolean => {
      const place = shown.findIndex(({ door }) => door.id === chosen.current);
      if (key === "j" || key === "k") {
        const next = place < 0 ? 0 : Math.min(shown.length - 1, Math.max(0, place + (key === "j" ? 1 : -1)));
        chosen.current = shown[next]?.door.id ?? null;
        setAt(chosen.current);
      } else if (key === "Enter" && chosen.current && place >= 0) void navigate(`/doors/${chosen.current}`);
      else if (key === "r" && place >= 0) {
        body.current?.querySelector<HTMLButtonElement>("tr[aria-selected=true] button")?.click();
      } else if (key === "l") setMany(true);
      else return false;
      return true;
    },
    [shown, navigate],
  );
  useKeys(keys);
  useEffect(() => {
    if (at) body.current?.querySelector("tr[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  }, [at]);

  const odd = all.filter(({ severity }) => severity > 0).length;
  return (
    <>
      <PageHead
        title={t("nav.doors")}
        actions={
          <>
            <TextInput
              data-filter
              placeholder={t("filter.doors")}
              aria-label={t("filter.doors")}
              value={filter}
              onChange={(e) => setFilter(e.currentTarget.value)}
            />
            <Chip checked={unusual} onChange={setUnusual} variant="outline">
              {t("doors.unusual", { n: odd })}
            </Chip>
            <SiteCommands opened={many} open={() => setMany(true)} close={() => setMany(false)} />
          </>
        }
      />
      <Panel title={t("doors.board")} count={query.data?.length} flush>
        <Await query={query} rows={6}>
          {doors.length === 0 ? (
            needle || unusual ? (
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
                    <th className="wide-only">{t("doors.alarm")}</th>
                    <th>{t("doors.mode")}</th>
                    <th className="wide-only">{t("doors.heldby")}</th>
                    <th className="wide-only">{t("doors.contact")}</th>
                    <th className="wide-only">{t("doors.lock")}</th>
                    <th className="wide-only">{t("doors.controller")}</th>
                    <th className="num wide-only">{t("doors.since")}</th>
                    <th />
                  </tr>
                </thead>
                <tbody ref={body}>
                  {shown.map(({ door, status }) => {
                    const state = doorAlarm(status) ? (
                      <AlarmTag status={status} />
                    ) : status?.state !== "online" ? (
                      <StateTag status={status} />
                    ) : null;
                    return (
                      <tr key={door.id} aria-selected={door.id === at} className={door.id === at ? styles.at : undefined}>
                        <td>
                          <Link to={`/doors/${door.id}`}>{door.name}</Link>
                          {state ? <div className="narrow-only">{state}</div> : null}
                        </td>
                        <td className={`wide-only ${styles.keep ?? ""}`}>
                          {state ?? <span className="dim">{t("value.none")}</span>}
                        </td>
                        <td>
                          <span className={UNUSUAL.has(field(status, "mode")) ? styles.unusual : undefined}>
                            {word("mode", field(status, "mode"))}
                          </span>
                          <div className="narrow-only dim">
                            {word("physical", field(status, "physical"))} · {word("lock", field(status, "lock"))}
                          </div>
                        </td>
                        <td className="wide-only">
                          {field(status, "held_by") ? (
                            <span title={t("doors.priority", { priority: word("priority", field(status, "priority")) })}>
                              {word("heldby", field(status, "held_by"))}
                            </span>
                          ) : (
                            <span className="dim">
                              {status?.data.first_person === true ? t("doors.firstperson") : t("value.none")}
                            </span>
                          )}
                        </td>
                        <td className="wide-only">{word("physical", field(status, "physical"))}</td>
                        <td className="wide-only">{word("lock", field(status, "lock"))}</td>
                        <td className="wide-only">
                          <EntityLink to={`controller:${door.controller}`} />
                        </td>
                        <td className="num wide-only">{status ? <Age us={status.since} /> : null}</td>
                        <td className="num">
                          <QuickRelease door={door} status={status} />
                        </td>
                      </tr>
                    );
                  })}
                </tbody>
              </table>
              {doors.length > SHOWN ? <p className={styles.more}>{t("doors.more", { n: doors.length - SHOWN })}</p> : null}
            </div>
          )}
        </Await>
      </Panel>
    </>
  );
}

const UNUSUAL: ReadonlySet<string> = new Set(["unlocked", "blocked", "locked-down", "locked-open", "double-locked"]);
