import { Button, Modal, Select } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";

import { api, take } from "../../api/client";
import { useAll } from "../../api/hooks";
import type { Area, DoorsCommand, DoorsCommanded } from "../../api/types";
import { useCan } from "../../app/session";
import { Mark } from "../../parts/Mark";
import { Reason } from "../../parts/Reason";
import { Failure } from "../../parts/States";
import { t, word } from "../../text/t";

const COMMANDS: readonly DoorsCommand[] = ["lockdown", "release-lockdown", "fire-release", "end-fire-release"];
const SITE = "";

function Outcome({ done }: { done: DoorsCommanded }) {
  const missed = done.doors.filter((door) => door.outcome !== "done");
  return (
    <div className="stack">
      <p style={{ margin: 0 }}>
        <Mark severity={missed.length > 0 ? 2 : 0} />{" "}
        {t("many.done", {
          command: word("command", `${done.command}.do`),
          done: done.done,
          total: done.total,
          seconds: done.seconds.toFixed(2),
        })}
      </p>
      {missed.length > 0 ? (
        <div className="tablebox">
          <table className="plain" aria-label={t("many.missed")}>
            <thead>
              <tr>
                <th>{t("doors.door")}</th>
                <th>{t("many.outcome")}</th>
                <th>{t("many.why")}</th>
              </tr>
            </thead>
            <tbody>
              {missed.map((door) => (
                <tr key={door.door}>
                  <td>
                    <Link to={`/doors/${door.door}`}>{door.name}</Link>
                  </td>
                  <td style={{ whiteSpace: "nowrap" }}>
                    <Mark severity={2} /> {word("outcome", door.outcome)}
                  </td>
                  <td>
                    {door.what} <span className="dim">{door.remedy}</span>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      ) : null}
    </div>
  );
}

function Form() {
  const can = useCan();
  const areas = useAll<Area>("area");
  const [command, setCommand] = useState<DoorsCommand>("lockdown");
  const [place, setPlace] = useState<string | null>(null);
  const [reason, setReason] = useState("");
  const everywhere = can(`door.${command}`, { ref: "*" });
  const places = [
    ...(everywhere ? [{ value: SITE, label: t("many.site") }] : []),
    ...(areas.data ?? [])
      .filter((area) => can(`door.${command}`, { ref: `area:${area.id}`, area: area.area, tags: area.tags }))
      .map((area) => ({ value: area.id, label: area.name })),
  ];
  const chosen = place ?? places[0]?.value ?? SITE;
  const sending = useMutation({
    mutationFn: () =>
      take(api.POST("/api/v1/doors/commands", { body: { command, reason: reason.trim(), area: chosen || null } })),
  });
  const label = places.find((one) => one.value === chosen)?.label ?? t("many.site");
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        sending.mutate();
      }}
    >
      <Select
        label={t("many.command")}
        data={COMMANDS.map((one) => ({ value: one, label: word("command", `${one}.do`) }))}
        value={command}
        onChange={(value) => {
          setCommand(value ?? "lockdown");
          sending.reset();
        }}
        allowDeselect={false}
      />
      <Select
        label={t("many.place")}
        data={places}
        value={chosen}
        onChange={(value) => {
          setPlace(value);
          sending.reset();
        }}
        allowDeselect={false}
        searchable
      />
      <p style={{ margin: 0 }}>{word("many", `${command}.what`, { place: label })}</p>
      <Reason value={reason} onChange={setReason} focus />
      <div>
        <Button type="submit" loading={sending.isPending} disabled={reason.trim() === "" || places.length === 0}>
          {t("many.send", { command: word("command", `${command}.do`), place: label })}
        </Button>
      </div>
      <div aria-live="polite">
        {sending.data ? <Outcome done={sending.data} /> : null}
        {sending.error ? <Failure error={sending.error} /> : null}
      </div>
    </form>
  );
}

/** Lockdown and fire release of an area or the site: one command, and who did not do it. */
export function SiteCommands({ opened, open, close }: { opened: boolean; open: () => void; close: () => void }) {
  const can = useCan();
  if (!COMMANDS.some((command) => can(`door.${command}`))) return null;
  return (
    <>
      <Button variant="default" onClick={open}>
        {t("many.open")}
      </Button>
      <Modal
        opened={opened}
        onClose={close}
        title={t("many.title")}
        size="lg"
        closeButtonProps={{ "aria-label": t("action.close") }}
      >
        <Form />
      </Modal>
    </>
  );
}
