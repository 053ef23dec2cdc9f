import { Button, Checkbox, Modal, MultiSelect, NumberInput, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";

import { api, take } from "../../api/client";
import type { Camera, Layout } from "../../api/types";
import { useCan, useSigned } from "../../app/session";
import { Failure } from "../../parts/States";
import { t } from "../../text/t";
import type { Form } from "./forms";

type Close = (id?: string) => void;

function Sharing({ kind, value, onChange }: { kind: "layout" | "tour"; value: boolean; onChange: (all: boolean) => void }) {
  const can = useCan();
  if (!can(`${kind}.share`)) return <p className="dim">{t("wall.save.own")}</p>;
  return <Checkbox checked={value} onChange={(event) => onChange(event.currentTarget.checked)} label={t("wall.save.all")} />;
}

interface KeepProps {
  kind: "layout" | "tour";
  ready: boolean;
  /** Makes it, for its owner or, with null, for all. */
  make: (name: string, owner: string | null) => Promise<{ id: string }>;
  onClose: Close;
  children?: ReactNode;
}

/** Asks for the name under which something is kept, and for whom. */
function Keep({ kind, ready, make, onClose, children }: KeepProps) {
  const { session } = useSigned();
  const client = useQueryClient();
  const [name, setName] = useState("");
  const [all, setAll] = useState(false);
  const save = useMutation({
    mutationFn: () => make(name.trim(), all ? null : session.user.id),
    onSuccess: async (made) => {
      await client.invalidateQueries({ queryKey: ["list", kind] });
      onClose(made.id);
    },
  });
  return (
    <Modal opened onClose={() => onClose()} title={t(kind === "layout" ? "wall.save.layout" : "wall.save.tour")}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate();
        }}
      >
        <TextInput
          label={t("wall.save.name")}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          data-autofocus
        />
        {children}
        <Sharing kind={kind} value={all} onChange={setAll} />
        {save.error ? <Failure error={save.error} /> : null}
        <div>
          <Button type="submit" loading={save.isPending} disabled={name.trim() === "" || !ready}>
            {t("wall.save.do")}
          </Button>
        </div>
      </form>
    </Modal>
  );
}

/** Keeps what the wall shows under a name, for oneself or for all. */
export function SaveLayout({ form, cameras, onClose }: { form: Form; cameras: readonly (string | null)[]; onClose: Close }) {
  return (
    <Keep
      kind="layout"
      ready
      make={(name, owner) => take(api.POST("/api/v1/layouts", { body: { name, form, cameras: [...cameras], owner } }))}
      onClose={onClose}
    />
  );
}

interface TourProps {
  layouts: readonly Layout[];
  cameras: readonly Camera[];
  onClose: Close;
}

/** Makes a tour of layouts and cameras, each for the same time; single times are set on the tour's own page. */
export function NewTour({ layouts, cameras, onClose }: TourProps) {
  const [chosen, setChosen] = useState<string[]>([]);
  const [seconds, setSeconds] = useState(10);
  const make = (name: string, owner: string | null): Promise<{ id: string }> => {
    const steps = chosen.map((one) =>
      one.startsWith("layout:") ? { layout: one.slice(7), seconds } : { camera: one.slice(7), seconds },
    );
    return take(api.POST("/api/v1/tours", { body: { name, steps, owner } }));
  };
  return (
    <Keep kind="tour" ready={chosen.length > 0} make={make} onClose={onClose}>
      <MultiSelect
        label={t("wall.save.steps")}
        value={chosen}
        onChange={setChosen}
        data={[
          { group: t("wall.layouts"), items: layouts.map((one) => ({ value: `layout:${one.id}`, label: one.name })) },
          { group: t("wall.cameras"), items: cameras.map((one) => ({ value: `camera:${one.id}`, label: one.name })) },
        ]}
        searchable
        maxValues={64}
      />
      <NumberInput
        label={t("wall.save.seconds")}
        value={seconds}
        onChange={(value) => setSeconds(Number(value))}
        min={2}
        max={3600}
      />
    </Keep>
  );
}
