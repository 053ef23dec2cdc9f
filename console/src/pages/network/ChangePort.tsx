import { Button, Modal, NumberInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { api, take } from "../../api/client";
import type { PortView } from "../../api/types";
import { useCan } from "../../app/session";
import { Reason } from "../../parts/Reason";
import { Failure } from "../../parts/States";
import { t } from "../../text/t";
import styles from "./ChangePort.module.css";

function Form({ port, onClose }: { port: PortView; onClose: () => void }) {
  const [number, setNumber] = useState<number | string>("");
  const [reason, setReason] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const old = port.number ?? 0;
  const path = { row: port.row };
  const state = useQuery({
    queryKey: ["port", port.row],
    queryFn: ({ signal }) => take(api.GET("/api/v1/network/ports/{row}", { params: { path }, signal })),
  });

  const begin = (event: React.SyntheticEvent): void => {
    event.preventDefault();
    if (typeof number !== "number") return;
    setBusy(true);
    setError(null);
    take(api.POST("/api/v1/network/ports/{row}", { params: { path }, body: { number, reason: reason.trim() } })).then(
      // The page is fetched afresh: the one that comes may look whether the new number answers.
      () => window.location.assign(`/network?port=${encodeURIComponent(port.row)}`),
      (refused: unknown) => {
        setError(refused);
        setBusy(false);
      },
    );
  };

  return (
    <form onSubmit={begin} className={styles.form} aria-label={t("portchange.title", { row: port.row, old: String(old) })}>
      <p>{t("portchange.how", { old: String(old), seconds: state.data?.trial_seconds ?? 60 })}</p>
      {state.data?.interrupts ? <p className="dim">{state.data.interrupts}</p> : null}
      <NumberInput
        label={t("portchange.number")}
        value={number}
        onChange={setNumber}
        min={1}
        max={65535}
        allowDecimal={false}
        allowNegative={false}
        hideControls
        required
        data-autofocus
      />
      <Reason value={reason} onChange={setReason} />
      {error ? <Failure error={error} /> : null}
      <div className="row">
        <Button type="submit" loading={busy} disabled={typeof number !== "number" || reason.trim() === ""}>
          {typeof number === "number" ? t("portchange.do", { number: String(number) }) : t("portchange.try")}
        </Button>
        <Button variant="default" onClick={onClose}>
          {t("action.cancel")}
        </Button>
      </div>
    </form>
  );
}

/** Whether a port can be changed; where that is here and now, the button for it and its dialog. */
export function ChangePort({ port }: { port: PortView }) {
  const can = useCan();
  const [open, setOpen] = useState(false);
  if (!port.changeable) return t("network.fixed");
  if (!port.movable || port.trial || !can("network.change")) return t("value.yes");
  const close = (): void => setOpen(false);
  return (
    <>
      <Button
        variant="default"
        size="compact-sm"
        onClick={() => setOpen(true)}
        aria-label={t("portchange.change.what", { row: port.row })}
      >
        {t("portchange.change")}
      </Button>
      <Modal
        opened={open}
        onClose={close}
        title={t("portchange.title", { row: port.row, old: String(port.number ?? "") })}
        closeButtonProps={{ "aria-label": t("action.close") }}
      >
        <Form port={port} onClose={close} />
      </Modal>
    </>
  );
}
