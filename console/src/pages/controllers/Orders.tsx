import { Button, Checkbox, Modal, NumberInput, PasswordInput, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";

import { api, take } from "../../api/client";
import type { Controller } from "../../api/types";
import { useCan } from "../../app/session";
import { Reason } from "../../parts/Reason";
import { Failure, Loading } from "../../parts/States";
import { t } from "../../text/t";

interface Common {
  reason: string;
  code: string;
}

interface Frame {
  what: string;
  verb: string;
  /** What came of it, once it is done. */
  outcome: string | null;
  error: unknown;
  busy: boolean;
  /** The site holds the commissioning code. */
  known: boolean;
  send: (common: Common) => void;
  children?: ReactNode;
}

function Form({ what, verb, outcome, error, busy, known, send, children }: Frame) {
  const [reason, setReason] = useState("");
  const [code, setCode] = useState("");
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        send({ reason: reason.trim(), code: code.trim() });
      }}
    >
      <p style={{ margin: 0 }}>{what}</p>
      {children}
      <Reason value={reason} onChange={setReason} focus={!children} />
      {known ? null : (
        <PasswordInput
          label={t("nearby.code")}
          description={t("nearby.code.help")}
          value={code}
          onChange={(e) => setCode(e.currentTarget.value)}
          autoComplete="off"
          maxLength={80}
          required
        />
      )}
      <div aria-live="polite">
        {outcome ? <p style={{ margin: 0 }}>{outcome}</p> : null}
        {error ? <Failure error={error} /> : null}
      </div>
      <div>
        <Button type="submit" loading={busy} disabled={reason.trim() === "" || (!known && code.trim() === "")}>
          {verb}
        </Button>
      </div>
    </form>
  );
}

function Settings({ controller }: { controller: Controller }) {
  const now = useQuery({
    queryKey: ["controllers", "found", controller.id],
    queryFn: ({ signal }) => take(api.POST("/api/v1/controllers/search", { body: { seconds: 1, id: controller.id }, signal })),
    retry: false,
    staleTime: 0,
    gcTime: 0,
  });
  if (now.isPending) return <Loading rows={4} />;
  const found = now.data?.items[0];
  return (
    <SettingsForm
      controller={controller}
      first={{
        dhcp: found?.dhcp ?? false,
        address: found?.address ?? "",
        prefix: found?.prefix ?? 24,
        gateway: found?.gateway ?? "",
      }}
    />
  );
}

interface Ipv4 {
  dhcp: boolean;
  address: string;
  prefix: number;
  gateway: string;
}

function SettingsForm({ controller, first }: { controller: Controller; first: Ipv4 }) {
  const [network, setNetwork] = useState(first);
  const change = useMutation({
    mutationFn: (common: Common) => {
      const wanted = network.dhcp
        ? { dhcp: true }
        : { ...network, address: network.address.trim(), gateway: network.gateway.trim() };
      return take(
        api.POST("/api/v1/controllers/{id}/network", { params: { path: { id: controller.id } }, body: { ...wanted, ...common } }),
      );
    },
  });
  const done = change.data;
  const words = { name: controller.name, address: done?.address || network.address, seconds: done?.back_after ?? 0 };
  return (
    <Form
      what={t("netset.what")}
      verb={t("netset.do")}
      outcome={done ? (done.confirmed ? t("netset.done", words) : t("netset.waiting", words)) : null}
      error={change.error}
      busy={change.isPending}
      known={controller.commissioning_set}
      send={(common) => change.mutate(common)}
    >
      <Checkbox
        label={t("netset.dhcp")}
        checked={network.dhcp}
        onChange={(e) => {
          const dhcp = e.currentTarget.checked;
          setNetwork((held) => ({ ...held, dhcp }));
        }}
      />
      {network.dhcp ? null : (
        <>
          <TextInput
            label={t("netset.address")}
            value={network.address}
            onChange={(e) => {
              const address = e.currentTarget.value;
              setNetwork((held) => ({ ...held, address }));
            }}
            maxLength={15}
            inputMode="decimal"
            required
            data-autofocus
          />
          <NumberInput
            label={t("netset.prefix")}
            value={network.prefix}
            onChange={(value) => setNetwork((held) => ({ ...held, prefix: Number(value) || 0 }))}
            min={8}
            max={30}
          />
          <TextInput
            label={t("netset.gateway")}
            value={network.gateway}
            onChange={(e) => {
              const gateway = e.currentTarget.value;
              setNetwork((held) => ({ ...held, gateway }));
            }}
            maxLength={15}
            inputMode="decimal"
          />
        </>
      )}
    </Form>
  );
}

function Restart({ controller }: { controller: Controller }) {
  const reset = useMutation({
    mutationFn: (common: Common) =>
      take(api.POST("/api/v1/controllers/{id}/reset", { params: { path: { id: controller.id } }, body: common })),
  });
  const words = { name: controller.name };
  return (
    <Form
      what={t("reset.what")}
      verb={t("reset.do")}
      outcome={reset.data ? (reset.data.back ? t("reset.done", words) : t("reset.waiting", words)) : null}
      error={reset.error}
      busy={reset.isPending}
      known={controller.commissioning_set}
      send={(common) => reset.mutate(common)}
    />
  );
}

function Revoke({ controller }: { controller: Controller }) {
  const queries = useQueryClient();
  const revoke = useMutation({
    mutationFn: ({ reason }: Common) =>
      take(api.POST("/api/v1/controllers/{id}/revoke", { params: { path: { id: controller.id } }, body: { reason } })),
    onSuccess: () => void queries.invalidateQueries(),
  });
  return (
    <Form
      what={t("revoke.what")}
      verb={t("revoke.do")}
      outcome={revoke.data ? t("revoke.done", { name: controller.name }) : null}
      error={revoke.error}
      busy={revoke.isPending}
      known
      send={(common) => revoke.mutate(common)}
    />
  );
}

/** What can be done to a controller itself: its network settings, a restart, the end of its pairing. Each asks for a reason. */
export function ControllerOrders({ controller, connected }: { controller: Controller; connected: boolean }) {
  const can = useCan();
  const [open, setOpen] = useState<"network" | "reset" | "revoke" | null>(null);
  const subject = { ref: `controller:${controller.id}`, area: controller.area, tags: controller.tags };
  const close = (): void => setOpen(null);
  const label = { "aria-label": t("action.close") };
  return (
    <>
      {can("controller.set-network", subject) ? (
        <Button variant="default" onClick={() => setOpen("network")}>
          {t("netset.open")}
        </Button>
      ) : null}
      {can("controller.reset", subject) ? (
        <Button variant="default" onClick={() => setOpen("reset")}>
          {t("reset.open")}
        </Button>
      ) : null}
      {can("controller.revoke", subject) && (controller.fingerprint !== "" || (connected && !controller.revoked)) ? (
        <Button variant="default" onClick={() => setOpen("revoke")}>
          {t("revoke.open")}
        </Button>
      ) : null}
      <Modal
        opened={open === "revoke"}
        onClose={close}
        title={t("revoke.title", { name: controller.name })}
        closeButtonProps={label}
      >
        <Revoke controller={controller} />
      </Modal>
      <Modal
        opened={open === "network"}
        onClose={close}
        title={t("netset.title", { name: controller.name })}
        closeButtonProps={label}
      >
        <Settings controller={controller} />
      </Modal>
      <Modal
        opened={open === "reset"}
        onClose={close}
        title={t("reset.title", { name: controller.name })}
        closeButtonProps={label}
      >
        <Restart controller={controller} />
      </Modal>
    </>
  );
}
