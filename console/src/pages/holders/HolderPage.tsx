import { Button, TextInput } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useParams } from "react-router";

import { api, take } from "../../api/client";
import { useEntity } from "../../api/hooks";
import type { components } from "../../api/schema";
import { useCan } from "../../app/session";
import { EditLink } from "../../parts/EditLink";
import { EntityLink } from "../../parts/EntityLink";
import { PageHead, Panel } from "../../parts/Panel";
import { RecentEvents } from "../../parts/RecentEvents";
import { Await, Empty, Failure } from "../../parts/States";
import { Time } from "../../parts/Time";
import { t, word } from "../../text/t";
import { HolderWithout } from "../whatif/Removed";
import { HolderPicture } from "./HolderPicture";
import { HolderRights } from "./Rights";

type Holder = components["schemas"]["CredentialHolder"];
type Credential = components["schemas"]["Credential"];

/** Switches on or off in one step; off asks why. */
function Switch({ name, enabled, set }: { name: string; enabled: boolean; set: (reason: string) => Promise<unknown> }) {
  const [asking, setAsking] = useState(false);
  const [reason, setReason] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const run = (why: string): void => {
    setBusy(true);
    setError(null);
    set(why)
      .then(() => {
        setAsking(false);
        setReason("");
      }, setError)
      .finally(() => setBusy(false));
  };
  return (
    <div className="stack" style={{ gap: 4 }}>
      {asking ? (
        <form
          className="row"
          onSubmit={(event) => {
            event.preventDefault();
            run(reason.trim());
          }}
        >
          <TextInput
            className="grow"
            aria-label={t("holder.reason")}
            placeholder={t("holder.reason.hint")}
            value={reason}
            onChange={(e) => setReason(e.currentTarget.value)}
            maxLength={500}
            required
          />
          <Button type="submit" loading={busy} disabled={reason.trim() === ""}>
            {t("holder.disable")}
          </Button>
          <Button variant="default" onClick={() => setAsking(false)}>
            {t("action.cancel")}
          </Button>
        </form>
      ) : (
        <Button
          variant="default"
          loading={busy}
          aria-label={`${enabled ? t("holder.disable") : t("holder.enable")}: ${name}`}
          onClick={() => (enabled ? setAsking(true) : run(""))}
        >
          {enabled ? t("holder.disable") : t("holder.enable")}
        </Button>
      )}
      {error ? <Failure error={error} /> : null}
    </div>
  );
}

function About({ holder }: { holder: Holder }) {
  const can = useCan();
  const queries = useQueryClient();
  const set = async (reason: string): Promise<void> => {
    const body = { enabled: !holder.enabled, reason };
    await take(api.POST("/api/v1/credential-holders/{id}/state", { params: { path: { id: holder.id } }, body }));
    await queries.invalidateQueries();
  };
  // eslint-disable-next-line react-hooks/purity -- whether a visit is over is a matter of the moment of drawing
  const over = typeof holder.valid_to === "number" && holder.valid_to <= Date.now() * 1000;
  return (
    <Panel title={t("holder.about")}>
      <dl className="facts">
        <dt>{t("holder.state")}</dt>
        <dd>
          {holder.enabled ? t("holder.enabled") : <strong>{t("holder.disabled")}</strong>}
          {over ? <strong> · {t("holder.ended")}</strong> : null}
        </dd>
        {holder.host ? (
          <>
            <dt>{word("field", "host")}</dt>
            <dd>
              <EntityLink to={`credential-holder:${holder.host}`} />
            </dd>
          </>
        ) : null}
        {holder.company ? (
          <>
            <dt>{word("field", "company")}</dt>
            <dd>{holder.company}</dd>
          </>
        ) : null}
        {typeof holder.valid_from === "number" ? (
          <>
            <dt>{word("field", "valid_from")}</dt>
            <dd>
              <Time us={holder.valid_from} short />
            </dd>
          </>
        ) : null}
        {typeof holder.valid_to === "number" ? (
          <>
            <dt>{t("holder.until")}</dt>
            <dd>
              <Time us={holder.valid_to} short />
            </dd>
          </>
        ) : null}
        <dt>{t("holder.groups")}</dt>
        <dd>
          {holder.groups.length === 0 ? <span className="dim">{t("value.none")}</span> : null}
          {holder.groups.map((id) => (
            <div key={id}>
              <EntityLink to={`holder-group:${id}`} />
            </div>
          ))}
        </dd>
        {Object.entries(holder.custom).map(([name, value]) => (
          <div key={name} style={{ display: "contents" }}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
        {holder.description ? (
          <>
            <dt>{word("field", "description")}</dt>
            <dd>{holder.description}</dd>
          </>
        ) : null}
        <dt>{t("entity.id")}</dt>
        <dd className="mono">{holder.id}</dd>
      </dl>
      {can("credential-holder.update", { ref: `credential-holder:${holder.id}`, area: holder.area, tags: holder.tags }) ? (
        <div style={{ marginTop: 12 }}>
          <Switch name={holder.name} enabled={holder.enabled} set={set} />
        </div>
      ) : null}
    </Panel>
  );
}

function Credentials({ holder }: { holder: string }) {
  const can = useCan();
  const queries = useQueryClient();
  const query = useQuery({
    queryKey: ["list", "credential", { holder }],
    queryFn: ({ signal }) => take(api.GET("/api/v1/credentials", { params: { query: { holder, limit: 100 } }, signal })),
  });
  const items: Credential[] = query.data?.items ?? [];
  const set = async (one: Credential, reason: string): Promise<void> => {
    const enabled = !one.enabled;
    const body = { enabled, reason, disabled_reason: enabled ? ("" as const) : ("blocked" as const) };
    await take(api.POST("/api/v1/credentials/{id}/state", { params: { path: { id: one.id } }, body }));
    await queries.invalidateQueries();
  };
  return (
    <Panel title={t("holder.credentials")} count={query.data?.total} flush>
      <Await query={query} rows={3}>
        {items.length === 0 ? <Empty what={t("holder.credentials.none")} next={t("holder.credentials.next")} /> : null}
        <div className="tablebox">
          <table className="plain">
            <tbody>
              {items.map((one) => (
                <tr key={one.id}>
                  <td>
                    <Link to={`/credentials/${one.id}`}>{one.name}</Link>
                    <div className="mono dim">{one.card || null}</div>
                    {one.pin_set ? (
                      <div className="dim">
                        {t("holder.pin")} {t("holder.pin.set")}
                      </div>
                    ) : null}
                  </td>
                  <td>
                    {one.profiles.map((link) => (
                      <div key={link.profile}>
                        <EntityLink to={`access-profile:${link.profile}`} />
                      </div>
                    ))}
                  </td>
                  <td>
                    {one.enabled ? t("holder.enabled") : <strong>{t("holder.disabled")}</strong>}
                    {one.disabled_reason ? <div className="dim">{one.disabled_reason}</div> : null}
                    {typeof one.valid_to === "number" ? (
                      <div className="dim">
                        {t("holder.until")} <Time us={one.valid_to} short />
                      </div>
                    ) : null}
                  </td>
                  <td>
                    {can("credential.update", { ref: `credential:${one.id}` }) ? (
                      <Switch name={one.name} enabled={one.enabled} set={(reason) => set(one, reason)} />
                    ) : null}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </Await>
    </Panel>
  );
}

/** A person: who they are, what they carry, what they may open, and where they were seen last. */
export function HolderPage() {
  const { id = "" } = useParams();
  const query = useEntity<Holder & { status: null }>("credential-holder", id);
  const holder = query.data;
  return (
    <Await query={query} rows={8}>
      {holder ? (
        <>
          <PageHead
            title={holder.name}
            after={<Link to="/credential-holders">{word("kind", "credential-holder")}</Link>}
            actions={<EditLink kind="credential-holder" id={id} />}
          />
          <div className="columns">
            <div className="stack">
              <HolderRights id={id} />
              <HolderWithout holder={holder} />
              <RecentEvents title={t("holder.places")} entity={`credential-holder:${id}`} types={["access.*"]} limit={20} />
            </div>
            <div className="stack">
              <HolderPicture holder={holder} />
              <About holder={holder} />
              <Credentials holder={id} />
            </div>
          </div>
        </>
      ) : null}
    </Await>
  );
}
