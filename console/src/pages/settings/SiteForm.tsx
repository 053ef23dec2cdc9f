import { Button, Select, TextInput } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { api, ifMatch, take } from "../../api/client";
import { useSigned } from "../../app/session";
import { Panel } from "../../parts/Panel";
import { Await, Failure } from "../../parts/States";
import { t } from "../../text/t";

/** Every IANA zone that the browser knows, with UTC among them. */
export function zones(): string[] {
  const known = Intl.supportedValuesOf("timeZone");
  return known.includes("UTC") ? known : ["UTC", ...known];
}

interface Site {
  name: string;
  timezone?: string;
  revision: number;
}

function Form({ site }: { site: Site }) {
  const queries = useQueryClient();
  const { session, refresh } = useSigned();
  const [name, setName] = useState(site.name);
  const [timezone, setTimezone] = useState(site.timezone ?? "UTC");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const changed = name.trim() !== site.name || timezone !== site.timezone;
  const submit = (event: React.SyntheticEvent): void => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    take(
      api.PUT("/api/v1/site", {
        params: { header: ifMatch(site.revision) },
        body: { name: name.trim(), timezone, demo: session.site.demo },
      }),
    )
      .then(() => {
        void queries.invalidateQueries({ queryKey: ["site"] });
        refresh();
      }, setError)
      .finally(() => setBusy(false));
  };
  return (
    <form className="stack" onSubmit={submit}>
      <TextInput label={t("setup.name")} value={name} onChange={(e) => setName(e.currentTarget.value)} maxLength={120} required />
      <Select
        label={t("setup.zone")}
        value={timezone}
        onChange={(value) => setTimezone(value ?? "UTC")}
        data={zones()}
        searchable
        allowDeselect={false}
        limit={60}
      />
      {error ? <Failure error={error} /> : null}
      <Button type="submit" loading={busy} disabled={!changed || name.trim() === ""} style={{ alignSelf: "flex-start" }}>
        {t("action.save")}
      </Button>
    </form>
  );
}

export function SiteForm() {
  const query = useQuery({ queryKey: ["site"], queryFn: ({ signal }) => take(api.GET("/api/v1/site", { signal })) });
  return (
    <Panel title={t("settings.site")}>
      <Await query={query}>{query.data ? <Form key={query.data.revision} site={query.data} /> : null}</Await>
    </Panel>
  );
}
