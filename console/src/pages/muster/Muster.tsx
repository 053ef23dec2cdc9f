import { Button, Modal, Select } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";

import { api, take } from "../../api/client";
import { useAll } from "../../api/hooks";
import type { Area, RollCallPerson } from "../../api/types";
import { useCan, useZone } from "../../app/session";
import { useFollowing } from "../../live/follow";
import { EntityLink } from "../../parts/EntityLink";
import { Icon } from "../../parts/Icon";
import { Mark } from "../../parts/Mark";
import { PageHead, Panel } from "../../parts/Panel";
import { Reason } from "../../parts/Reason";
import { Await, Empty, Failure } from "../../parts/States";
import { Time } from "../../parts/Time";
import { t } from "../../text/t";
import { useNow } from "../../time/ticker";
import { stamp } from "../../time/zone";
import { EVERY, TELLING } from "../zones/useZones";
import styles from "./Muster.module.css";

const SITE = "";

function MarkForm({ person, onDone }: { person: RollCallPerson; onDone: () => void }) {
  const client = useQueryClient();
  const [reason, setReason] = useState("");
  const sending = useMutation({
    mutationFn: () => take(api.POST("/api/v1/muster/safe", { body: { holder: person.holder, reason: reason.trim() } })),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ["muster"] });
      onDone();
    },
  });
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        sending.mutate();
      }}
    >
      <p style={{ margin: 0 }}>{t("muster.mark.what", { name: person.name })}</p>
      <Reason value={reason} onChange={setReason} placeholder={t("muster.mark.placeholder")} focus />
      <div>
        <Button type="submit" loading={sending.isPending} disabled={reason.trim() === ""}>
          {t("muster.mark")}
        </Button>
      </div>
      {sending.error ? <Failure error={sending.error} /> : null}
    </form>
  );
}

/** When the list held: one that is followed holds until something is told, one that is not is as old as its answer (ms). */
function AsOf({ made, following }: { made: number; following: boolean }) {
  const zone = useZone();
  const now = useNow();
  return <span className="num">{stamp(following ? Math.max(made, now) : made, zone, 0)}</span>;
}

/** The roll call: who is inside, the missing first; it prints as it is. */
export function Muster() {
  const can = useCan();
  const [area, setArea] = useState(SITE);
  const [seen, setSeen] = useState<RollCallPerson | null>(null);
  const areas = useAll<Area>("area");
  const following = useFollowing("muster", TELLING);
  const query = useQuery({
    queryKey: ["muster", area],
    queryFn: ({ signal }) => take(api.GET("/api/v1/muster", { params: { query: area ? { area } : {} }, signal })),
    refetchInterval: following ? false : EVERY,
    retry: false,
  });
  const call = query.data;
  const close = () => setSeen(null);
  return (
    <>
      <PageHead
        title={t("muster.title")}
        after={<Link to="/zones">{t("zones.title")}</Link>}
        actions={
          <div className={`row ${styles.controls ?? ""}`}>
            <Select
              aria-label={t("many.place")}
              data={[
                { value: SITE, label: t("many.site") },
                ...(areas.data ?? []).map((one) => ({ value: one.id, label: one.name })),
              ]}
              value={area}
              onChange={(value) => setArea(value ?? SITE)}
              allowDeselect={false}
              searchable
            />
            <Button variant="default" onClick={() => window.print()}>
              {t("muster.print")}
            </Button>
            <Button
              component="a"
              variant="default"
              href={`/api/v1/muster/export${area ? `?area=${encodeURIComponent(area)}` : ""}`}
              download={`muster-${area || "site"}.csv`}
              leftSection={<Icon name="download" size={14} />}
            >
              {t("muster.csv")}
            </Button>
          </div>
        }
      />
      <Await query={query} rows={8}>
        {call ? (
          <Panel
            title={t("muster.of", { place: call.area_name })}
            count={t("muster.counts", { missing: call.missing, safe: call.safe })}
            flush
          >
            <p className="dim" style={{ margin: "8px 12px" }}>
              <AsOf made={call.time / 1000} following={following && !query.isError} />{" "}
              {call.points.length > 0 ? t("muster.points", { points: call.points.join(", ") }) : t("muster.nopoints")}
            </p>
            {call.people.length === 0 ? (
              <Empty what={t("zones.nobody")} next={t("zones.nobody.next")} />
            ) : (
              <div className="tablebox">
                <table className="plain">
                  <thead>
                    <tr>
                      <th>{t("zones.person")}</th>
                      <th>{t("zones.state")}</th>
                      <th>{t("zones.area")}</th>
                      <th className="wide-only">{t("zones.since")}</th>
                      <th className="wide-only">{t("zones.door")}</th>
                      <th className={styles.controls} aria-label={t("muster.mark")} />
                      <th className={styles.signature}>{t("muster.seen")}</th>
                    </tr>
                  </thead>
                  <tbody>
                    {call.people.map((one) => (
                      <tr key={one.holder}>
                        <td>
                          <EntityLink to={`credential-holder:${one.holder}`} label={one.name} />
                          {one.company ? <div className="dim">{one.company}</div> : null}
                          {one.visitor ? <div className="dim">{t("muster.visitor", { host: one.host })}</div> : null}
                        </td>
                        <td>
                          {one.safe === null ? (
                            <>
                              <Mark severity={2} /> {t("muster.missing")}
                            </>
                          ) : (
                            <>
                              {t("muster.safe")} <span className="dim">{one.safe_at || t("muster.byhand")}</span>{" "}
                              <Time us={one.safe} short />
                            </>
                          )}
                        </td>
                        <td>{one.area_name}</td>
                        <td className="wide-only">
                          <Time us={one.since} />
                        </td>
                        <td className="wide-only">{one.door_name || t("value.none")}</td>
                        <td className={`num ${styles.controls ?? ""}`}>
                          {one.safe === null && can("muster.mark", { ref: `credential-holder:${one.holder}` }) ? (
                            <Button
                              variant="default"
                              size="compact-sm"
                              onClick={() => setSeen(one)}
                              aria-label={t("muster.mark.of", { name: one.name })}
                            >
                              {t("muster.mark")}
                            </Button>
                          ) : null}
                        </td>
                        <td className={styles.signature} />
                      </tr>
                    ))}
                  </tbody>
                </table>
              </div>
            )}
          </Panel>
        ) : null}
      </Await>
      <Modal
        opened={seen !== null}
        onClose={close}
        title={t("muster.mark")}
        closeButtonProps={{ "aria-label": t("action.close") }}
      >
        {seen ? <MarkForm person={seen} onDone={close} /> : null}
      </Modal>
    </>
  );
}
