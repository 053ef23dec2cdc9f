import { ActionIcon, Button, Checkbox, Modal, NumberInput, Select, TextInput } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { api, take } from "../../api/client";
import type { PresetTour, TourStop } from "../../api/types";
import { Icon } from "../../parts/Icon";
import { Failure } from "../../parts/States";
import { t } from "../../text/t";
import styles from "./Ptz.module.css";
import { asStop, HOME, MOST_STOPS, moved, whereOf } from "./tour";

const SPEEDS = ["0", "0.25", "0.5", "1"] as const;
const STAY = 10;
const NEW: TourStop = { preset: "", home: true, place: null, stay: STAY, speed: 0 };

interface Row {
  key: number;
  stop: TourStop;
}

interface Props {
  id: string;
  /** The tour that is changed; null: a new one. */
  tour: PresetTour | null;
  onClose: (changed: boolean) => void;
}

/** Makes a tour at the camera, or changes one: its stops in order, how long it looks at each, how fast it goes there. */
export function TourForm({ id, tour, onClose }: Props) {
  const params = { path: { id } };
  const [name, setName] = useState(tour?.name ?? "");
  const [auto, setAuto] = useState(tour?.auto_start ?? false);
  const [rows, setRows] = useState<Row[]>((tour?.stops ?? [NEW]).map((stop, key) => ({ key, stop })));
  const presets = useQuery({
    queryKey: ["presets", id],
    queryFn: ({ signal }) => take(api.GET("/api/v1/cameras/{id}/ptz/presets", { params, signal })),
    staleTime: 60_000,
  });
  const save = useMutation({
    mutationFn: () =>
      take(
        api.POST("/api/v1/cameras/{id}/ptz/tours/keep", {
          params,
          body: { tour: tour?.token ?? "", name: name.trim(), stops: rows.map((row) => row.stop), auto_start: auto },
        }),
      ),
    onSuccess: () => onClose(true),
  });
  const known = presets.data?.items ?? [];
  const places = (stop: TourStop) => [
    { value: HOME, label: t("ptz.home") },
    ...known.map((one) => ({ value: `preset:${one.token}`, label: one.name || one.token })),
    // What a preset was that is gone, and a place without a name, stay until another one is chosen.
    ...(stop.preset && !known.some((one) => one.token === stop.preset)
      ? [{ value: `preset:${stop.preset}`, label: t("ptz.tour.gone", { preset: stop.preset }) }]
      : []),
    ...(stop.place ? [{ value: whereOf(stop), label: t("ptz.tour.place") }] : []),
  ];
  const change = (key: number, part: Partial<TourStop>): void =>
    setRows(rows.map((row) => (row.key === key ? { key, stop: { ...row.stop, ...part } } : row)));
  return (
    <Modal opened onClose={() => onClose(false)} title={tour ? t("ptz.tour.edit") : t("ptz.tour.new")} size="lg">
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate();
        }}
      >
        <TextInput
          label={t("ptz.tour.name")}
          value={name}
          maxLength={64}
          onChange={(event) => setName(event.currentTarget.value)}
          data-autofocus
        />
        {presets.error ? <Failure error={presets.error} retry={() => void presets.refetch()} /> : null}
        <ol className={styles.stops} aria-label={t("ptz.tour.stops")}>
          {rows.map(({ key, stop }, at) => (
            <li key={key}>
              <Select
                className={styles.where}
                aria-label={t("ptz.tour.where", { n: at + 1 })}
                value={whereOf(stop)}
                data={places(stop)}
                allowDeselect={false}
                onChange={(where) => where !== null && change(key, asStop(where, stop))}
              />
              <NumberInput
                className={styles.stay}
                aria-label={t("ptz.tour.stay", { n: at + 1 })}
                suffix={t("ptz.tour.seconds")}
                value={stop.stay}
                min={0}
                max={3600}
                onChange={(value) => change(key, { stay: Number(value) })}
              />
              <Select
                className={styles.pace}
                aria-label={t("ptz.tour.speed", { n: at + 1 })}
                value={SPEEDS.find((one) => Number(one) === stop.speed) ?? String(stop.speed)}
                data={[...new Set<string>([...SPEEDS, String(stop.speed)])].map((value) => ({
                  value,
                  label: value === "0" ? t("ptz.tour.own") : t("ptz.tour.share", { n: Math.round(Number(value) * 100) }),
                }))}
                allowDeselect={false}
                onChange={(value) => change(key, { speed: Number(value) })}
              />
              <ActionIcon
                aria-label={t("ptz.tour.up", { n: at + 1 })}
                disabled={at === 0}
                onClick={() => setRows(moved(rows, at, at - 1))}
              >
                <span className={styles.up}>
                  <Icon name="forward" />
                </span>
              </ActionIcon>
              <ActionIcon
                aria-label={t("ptz.tour.drop", { n: at + 1 })}
                disabled={rows.length === 1}
                onClick={() => setRows(rows.filter((row) => row.key !== key))}
              >
                <Icon name="trash" />
              </ActionIcon>
            </li>
          ))}
        </ol>
        <div>
          <Button
            variant="default"
            size="compact-sm"
            disabled={rows.length >= MOST_STOPS}
            onClick={() => setRows([...rows, { key: Math.max(...rows.map((row) => row.key)) + 1, stop: NEW }])}
          >
            {t("ptz.tour.add")}
          </Button>
        </div>
        <Checkbox checked={auto} onChange={(event) => setAuto(event.currentTarget.checked)} label={t("ptz.tour.auto")} />
        {save.error ? <Failure error={save.error} /> : null}
        <div>
          <Button type="submit" loading={save.isPending}>
            {t("ptz.tour.keep")}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
