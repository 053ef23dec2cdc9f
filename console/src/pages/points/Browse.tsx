import { Button, Checkbox, Modal, NumberInput, Select, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";

import { api, take } from "../../api/client";
import type { Browsed, Found } from "../../api/types";
import { useCan } from "../../app/session";
import { Empty, Failure, Loading } from "../../parts/States";
import { t } from "../../text/t";
import { matching, pointsOf } from "./browse";

/** Rows that are shown at once; a search finds the others. */
const SHOWN = 200;

interface Place {
  kind: "endpoint" | "device";
  id: string;
}

function look({ kind, id }: Place, words: string, seconds: number): Promise<Browsed> {
  const params = { path: { id } };
  return kind === "endpoint"
    ? take(api.POST("/api/v1/endpoints/{id}/browse", { params, body: { filter: words, seconds } }))
    : take(api.POST("/api/v1/devices/{id}/browse", { params, body: { under: words } }));
}

/** Makes points of what was chosen, one after the other; what was made before a refusal stays. */
function Add({ place, chosen, onDone }: { place: Place; chosen: readonly Found[]; onDone: (count: number) => void }) {
  const queries = useQueryClient();
  const [device, setDevice] = useState<string | null>(place.kind === "device" ? place.id : null);
  const devices = useQuery({
    queryKey: ["list", "device", { endpoint: place.id }],
    queryFn: ({ signal }) => take(api.GET("/api/v1/devices", { params: { query: { endpoint: place.id, limit: 1000 } }, signal })),
    enabled: place.kind === "endpoint",
  });
  const into = device ?? devices.data?.items[0]?.id ?? null;
  const add = useMutation({
    mutationFn: async () => {
      if (into === null) return 0;
      const there = await take(api.GET("/api/v1/points", { params: { query: { device: into, limit: 1000 } } }));
      const made = pointsOf(chosen, into, new Set(there.items.map((point) => point.id)));
      for (const body of made) await take(api.POST("/api/v1/points", { body }));
      return made.length;
    },
    onSuccess: (count) => onDone(count),
    onSettled: () => void queries.invalidateQueries(),
  });
  return (
    <div className="row">
      {place.kind === "endpoint" ? (
        <Select
          aria-label={t("browse.device")}
          data={(devices.data?.items ?? []).map((one) => ({ value: one.id, label: one.name }))}
          value={into}
          onChange={setDevice}
        />
      ) : null}
      <Button loading={add.isPending} disabled={chosen.length === 0 || into === null} onClick={() => add.mutate()}>
        {t("browse.add", { n: chosen.length })}
      </Button>
      {add.error ? <Failure error={add.error} /> : null}
    </div>
  );
}

function Table({ items, place }: { items: readonly Found[]; place: Place }) {
  const can = useCan();
  const [search, setSearch] = useState("");
  const [chosen, setChosen] = useState<ReadonlySet<Found>>(new Set());
  const [added, setAdded] = useState(0);
  const fitting = matching(items, search);
  const toggle = (one: Found): void => {
    const next = new Set(chosen);
    if (!next.delete(one)) next.add(one);
    setChosen(next);
    setAdded(0);
  };
  return (
    <div className="stack">
      <TextInput
        aria-label={t("browse.search")}
        placeholder={t("browse.search")}
        value={search}
        onChange={(e) => setSearch(e.currentTarget.value)}
      />
      <div className="tablebox" style={{ maxHeight: "50vh", overflow: "auto" }}>
        <table className="plain">
          <thead>
            <tr>
              <th />
              <th>{t("browse.what")}</th>
              <th>{t("browse.value")}</th>
              <th className="wide-only">{t("browse.detail")}</th>
            </tr>
          </thead>
          <tbody>
            {fitting.slice(0, SHOWN).map((one, n) => (
              <tr key={`${one.label} ${n}`}>
                <td>
                  <Checkbox
                    aria-label={one.label}
                    checked={chosen.has(one)}
                    disabled={!can("point.create") || Object.keys(one.address).length === 0}
                    onChange={() => toggle(one)}
                  />
                </td>
                <td style={{ overflowWrap: "anywhere" }}>{one.label}</td>
                <td className="mono" style={{ overflowWrap: "anywhere" }}>
                  {one.value === null ? t("value.none") : String(one.value)}
                </td>
                <td className="wide-only dim">{one.detail}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {fitting.length > SHOWN ? <p className="dim">{t("browse.shown", { shown: SHOWN, total: fitting.length })}</p> : null}
      {can("point.create") ? (
        <Add
          place={place}
          chosen={[...chosen]}
          onDone={(count) => {
            setAdded(count);
            setChosen(new Set());
          }}
        />
      ) : null}
      {added > 0 ? (
        <p role="status">
          {t("browse.added", { n: added })} <Link to="/points">{t("browse.points")}</Link>
        </p>
      ) : null}
    </div>
  );
}

function Look({ place }: { place: Place }) {
  const [words, setWords] = useState("");
  const [seconds, setSeconds] = useState<number | string>(3);
  const found = useMutation({ mutationFn: () => look(place, words.trim(), Number(seconds) || 3) });
  const ofEndpoint = place.kind === "endpoint";
  return (
    <div className="stack">
      <form
        className="row"
        style={{ alignItems: "end" }}
        onSubmit={(event) => {
          event.preventDefault();
          found.mutate();
        }}
      >
        <TextInput
          label={t(ofEndpoint ? "browse.filter" : "browse.under")}
          description={t(ofEndpoint ? "browse.filter.help" : "browse.under.help")}
          value={words}
          onChange={(e) => setWords(e.currentTarget.value)}
          maxLength={200}
        />
        {ofEndpoint ? (
          <NumberInput
            label={t("browse.seconds")}
            value={seconds}
            onChange={setSeconds}
            min={1}
            max={20}
            style={{ width: 110 }}
          />
        ) : null}
        <Button type="submit" loading={found.isPending}>
          {t("browse.look")}
        </Button>
      </form>
      {found.isPending ? <Loading /> : null}
      {found.error ? <Failure error={found.error} /> : null}
      {found.data ? (
        found.data.items.length ? (
          <Table key={found.submittedAt} items={found.data.items} place={place} />
        ) : (
          <Empty what={t("browse.none")} next={t("browse.none.next")} />
        )
      ) : null}
      {found.data?.more ? <p className="dim">{t("browse.more")}</p> : null}
    </div>
  );
}

/** What a device or broker has now, to choose points from. */
export function Browse({ place }: { place: Place }) {
  const can = useCan();
  const [open, setOpen] = useState(false);
  if (!can(`${place.kind}.browse`)) return null;
  return (
    <>
      <Button variant="default" onClick={() => setOpen(true)}>
        {t("browse.open")}
      </Button>
      <Modal opened={open} onClose={() => setOpen(false)} title={t("browse.title")} size="xl">
        <Look place={place} />
      </Modal>
    </>
  );
}
