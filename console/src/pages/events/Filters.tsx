import { MultiSelect, SegmentedControl, Select, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";

import { api, take } from "../../api/client";
import { useAll, useEntity } from "../../api/hooks";
import type { Area, CredentialHolder } from "../../api/types";
import { useCan, useZone } from "../../app/session";
import { SEVERITIES } from "../../site/severity";
import { t, word, type PlainKey } from "../../text/t";
import { fromField, toField } from "../../time/zone";
import styles from "./Events.module.css";
import type { LogFilter } from "./filter";

const FAMILIES = [
  "access",
  "door",
  "zone",
  "camera",
  "video",
  "point",
  "device",
  "endpoint",
  "controller",
  "session",
  "config",
  "network",
  "system",
];

/** People that are offered at once. */
const PEOPLE = 20;

type Change = (wish: Partial<LogFilter>) => void;

/** A field that is told when one has stopped typing. */
function Words({
  name,
  text,
  filter,
  change,
  ...rest
}: {
  name: "q" | "entity" | "source" | "holder";
  text: PlainKey;
  filter: LogFilter;
  change: Change;
  className?: string | undefined;
  first?: boolean;
}) {
  const { first, className } = rest;
  const held = filter[name];
  const [value, setValue] = useState(held);
  const [settled] = useDebouncedValue(value, 250);
  // What comes from elsewhere (a saved search, the way back) takes the place of what was typed.
  const [of, setOf] = useState(held);
  if (of !== held) {
    setOf(held);
    if (held !== settled.trim()) setValue(held);
  }
  useEffect(() => {
    change({ [name]: settled.trim() });
    // eslint-disable-next-line react-hooks/exhaustive-deps -- told when typing stops, not when the filter changes otherwise
  }, [settled]);
  return (
    <TextInput
      {...(first ? { "data-filter": true } : {})}
      className={className}
      placeholder={t(text)}
      aria-label={t(text)}
      value={value}
      onChange={(event) => setValue(event.currentTarget.value)}
    />
  );
}

function Moment({ name, text, filter, change }: { name: "start" | "end"; text: PlainKey; filter: LogFilter; change: Change }) {
  const zone = useZone();
  const held = filter[name];
  return (
    <TextInput
      type="datetime-local"
      step="1"
      aria-label={t(text)}
      title={t(text)}
      leftSection={<span className="dim">{t(name === "start" ? "events.from.short" : "events.to.short")}</span>}
      leftSectionWidth={48}
      value={held === null ? "" : toField(held / 1000, zone)}
      onChange={(event) => {
        const ms = fromField(event.currentTarget.value, zone);
        change({ [name]: ms === null ? null : ms * 1000 });
      }}
    />
  );
}

function Areas({ filter, change }: { filter: LogFilter; change: Change }) {
  const areas = useAll<Area>("area");
  return (
    <Select
      className={styles.entity}
      aria-label={t("events.area")}
      placeholder={t("events.area")}
      data={(areas.data ?? []).map((one) => ({ value: one.id, label: one.name }))}
      value={filter.area || null}
      onChange={(value) => change({ area: value ?? "" })}
      searchable
      clearable
    />
  );
}

/** The people that a text finds, as the server finds them: a site may have more than a list takes. */
function Person({ filter, change }: { filter: LogFilter; change: Change }) {
  const [typed, setTyped] = useState("");
  const [sought] = useDebouncedValue(typed.trim(), 250);
  const chosen = useEntity<CredentialHolder>("credential-holder", filter.holder);
  const found = useQuery({
    queryKey: ["list", "credential-holder", { q: sought }],
    queryFn: ({ signal }) =>
      take(api.GET("/api/v1/credential-holders", { params: { query: { q: sought || undefined, limit: PEOPLE } }, signal })),
    placeholderData: keepPreviousData,
    staleTime: 30_000,
  });
  const options = new Map((found.data?.items ?? []).map(({ id, name }) => [id, name]));
  if (filter.holder && !options.has(filter.holder)) options.set(filter.holder, chosen.data?.name ?? filter.holder);
  return (
    <Select
      className={styles.source}
      aria-label={t("events.holder")}
      placeholder={t("events.holder")}
      data={[...options].map(([value, label]) => ({ value, label }))}
      value={filter.holder || null}
      onChange={(value) => change({ holder: value ?? "" })}
      onSearchChange={setTyped}
      nothingFoundMessage={t("events.holder.none")}
      // What the server found is shown as it is: it also finds by number and note, which the name need not hold.
      filter={({ options: all }) => all}
      searchable
      clearable
    />
  );
}

/** Everything that the log can be searched by, in one bar. */
export function Filters({ filter, change }: { filter: LogFilter; change: Change }) {
  const can = useCan();
  const known = FAMILIES.map((family) => ({ value: `${family}.*`, label: word("family", family) }));
  const extra = filter.types
    .filter((type) => !known.some((item) => item.value === type))
    .map((type) => ({ value: type, label: type }));
  return (
    <div className={styles.filters} role="search">
      <Words name="q" text="events.search" filter={filter} change={change} className={styles.words} first />
      <MultiSelect
        className={styles.types}
        aria-label={t("events.types")}
        placeholder={filter.types.length === 0 ? t("events.types.all") : undefined}
        value={[...filter.types]}
        onChange={(types) => change({ types })}
        data={[...known, ...extra]}
        clearable
      />
      <Words name="entity" text="events.entity" filter={filter} change={change} className={styles.entity} />
      {can("area.list") ? <Areas filter={filter} change={change} /> : null}
      {can("credential-holder.list") ? (
        <Person filter={filter} change={change} />
      ) : (
        <Words name="holder" text="events.holder.id" filter={filter} change={change} className={styles.source} />
      )}
      <Words name="source" text="events.source" filter={filter} change={change} className={styles.source} />
      <Moment name="start" text="events.from" filter={filter} change={change} />
      <Moment name="end" text="events.to" filter={filter} change={change} />
      <SegmentedControl
        aria-label={t("events.severity")}
        value={String(filter.severity)}
        onChange={(value) => change({ severity: Number(value) })}
        data={SEVERITIES.map((name, n) => ({
          value: String(n),
          label: n === 0 ? t("events.severity.all") : word("severity", name),
        }))}
      />
    </div>
  );
}
