import { Button, Modal, Select } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { api, take } from "../../api/client";
import type { Occupant, ZoneNow } from "../../api/types";
import { useCan } from "../../app/session";
import { Reason } from "../../parts/Reason";
import { Failure } from "../../parts/States";
import { t, word } from "../../text/t";

type Action = "forgive" | "reset" | "arm" | "disarm";

const COUNTING: readonly Action[] = ["forgive", "reset"];
const ORDERS: Partial<Record<ZoneNow["kind"], readonly Action[]>> = {
  "antipassback-zone": COUNTING,
  "entrance-limit-zone": COUNTING,
  "occupancy-zone": COUNTING,
  "intrusion-zone": ["arm", "disarm"],
};

function Form({ zone, action, people, onDone }: { zone: ZoneNow; action: Action; people: Occupant[]; onDone: () => void }) {
  const client = useQueryClient();
  const [reason, setReason] = useState("");
  const [holder, setHolder] = useState<string | null>(people.length === 1 ? (people[0]?.holder ?? null) : null);
  const sending = useMutation({
    mutationFn: () => {
      const params = { path: { kind: zone.kind, id: zone.id } };
      const body = { reason: reason.trim() };
      if (action === "forgive")
        return take(api.POST("/api/v1/zones/{kind}/{id}/forgive", { params, body: { ...body, holder: holder ?? "" } }));
      if (action === "reset") return take(api.POST("/api/v1/zones/{kind}/{id}/reset", { params, body }));
      if (action === "arm") return take(api.POST("/api/v1/zones/{kind}/{id}/arm", { params, body }));
      return take(api.POST("/api/v1/zones/{kind}/{id}/disarm", { params, body }));
    },
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ["zones"] });
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
      <p style={{ margin: 0 }}>{word("zoneorder", `${action}.what`, { zone: zone.name })}</p>
      {action === "forgive" ? (
        <Select
          label={t("zones.person")}
          data={people.map((one) => ({ value: one.holder, label: one.name }))}
          value={holder}
          onChange={setHolder}
          searchable
          required
        />
      ) : null}
      <Reason value={reason} onChange={setReason} focus />
      <div>
        <Button
          type="submit"
          loading={sending.isPending}
          disabled={reason.trim() === "" || (action === "forgive" && holder === null)}
        >
          {word("zoneorder", action)}
        </Button>
      </div>
      {sending.error ? <Failure error={sending.error} /> : null}
    </form>
  );
}

/** What an operator may do to a zone: each says what it does, and asks why. */
export function ZoneOrders({ zone, people }: { zone: ZoneNow; people: Occupant[] }) {
  const can = useCan();
  const [action, setAction] = useState<Action | null>(null);
  const allowed = (ORDERS[zone.kind] ?? []).filter((one) => can(`zone.${one}`, { ref: `${zone.kind}:${zone.id}` }));
  const sensible = allowed.filter((one) =>
    one === "arm" ? zone.armed === null : one === "disarm" ? zone.armed !== null : one !== "forgive" || people.length > 0,
  );
  const close = () => setAction(null);
  return (
    <>
      {sensible.map((one) => (
        <Button key={one} variant="default" onClick={() => setAction(one)}>
          {word("zoneorder", one)}…
        </Button>
      ))}
      <Modal
        opened={action !== null}
        onClose={close}
        title={action ? `${word("zoneorder", action)}: ${zone.name}` : ""}
        closeButtonProps={{ "aria-label": t("action.close") }}
      >
        {action ? <Form zone={zone} action={action} people={people} onDone={close} /> : null}
      </Modal>
    </>
  );
}
