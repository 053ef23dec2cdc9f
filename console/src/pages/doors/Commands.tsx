import { Button, TextInput } from "@mantine/core";
import { useState } from "react";

import { useCan, useZone } from "../../app/session";
import type { Door, DoorCommand } from "../../api/types";
import { useStatus } from "../../live/status";
import { Panel } from "../../parts/Panel";
import { Failure } from "../../parts/States";
import { against, ASKS_REASON, GROUPS, offered } from "../../site/doors";
import { t, word } from "../../text/t";
import { clock } from "../../time/zone";
import styles from "./Commands.module.css";
import { useDoorCommand } from "./useDoorCommand";

/** What a door can be told, what that would do, and what came of it. */
export function Commands({ door }: { door: Door }) {
  const can = useCan();
  const zone = useZone();
  const { outcome, send } = useDoorCommand(door.id);
  const [chosen, setChosen] = useState<DoorCommand | null>(null);
  const [reason, setReason] = useState("");
  const subject = { ref: `door:${door.id}`, area: door.area, tags: door.tags };
  const status = useStatus(`door:${door.id}`) ?? door.status ?? undefined;
  const held = against("release", status);
  const groups = GROUPS.map(({ group, commands }) => ({
    group,
    commands: commands.filter((command) => can(`door.${command}`, subject) && offered(command, status)),
  })).filter(({ commands }) => commands.length > 0);

  const run = (command: DoorCommand, why: string): void => {
    void send(command, why).then((ok) => {
      if (!ok) return;
      setChosen(null);
      setReason("");
    });
  };
  const choose = (command: DoorCommand): void => {
    if (ASKS_REASON.has(command)) setChosen(chosen === command ? null : command);
    else {
      setChosen(null);
      run(command, "");
    }
  };

  return (
    <Panel title={t("door.commands")}>
      {groups.length === 0 ? <span className="dim">{t("door.commands.none")}</span> : null}
      <div className={styles.groups}>
        {groups.map(({ group, commands }) => (
          <div key={group} className={styles.buttons} role="group" aria-label={word("commandgroup", group)}>
            <span className={styles.label}>{word("commandgroup", group)}</span>
            {commands.map((command) => {
              const why = against(command, status);
              return (
                <Button
                  key={command}
                  variant={chosen === command ? "filled" : "default"}
                  loading={outcome?.state === "running" && outcome.command === command}
                  disabled={why !== ""}
                  aria-expanded={ASKS_REASON.has(command) ? chosen === command : undefined}
                  title={
                    why
                      ? word("against", why)
                      : word("command", `${command}.what`, { door: door.name, seconds: door.release_time })
                  }
                  onClick={() => choose(command)}
                >
                  {word("command", `${command}.do`)}
                </Button>
              );
            })}
          </div>
        ))}
      </div>
      {held ? <p className={styles.done}>{word("against", held)}</p> : null}
      {chosen ? (
        <form
          className={styles.reason}
          onSubmit={(event) => {
            event.preventDefault();
            run(chosen, reason.trim());
          }}
        >
          <p>{word("command", `${chosen}.what`, { door: door.name, seconds: door.release_time })}</p>
          <div className="row">
            <TextInput
              className="grow"
              value={reason}
              onChange={(e) => setReason(e.currentTarget.value)}
              placeholder={t("reason.placeholder")}
              aria-label={t("reason.label")}
              maxLength={500}
              required
              ref={focus}
            />
            <Button type="submit" disabled={reason.trim() === ""} loading={outcome?.state === "running"}>
              {word("command", `${chosen}.do`)}
            </Button>
            <Button variant="default" onClick={() => setChosen(null)}>
              {t("action.cancel")}
            </Button>
          </div>
        </form>
      ) : null}
      <div aria-live="polite">
        {outcome?.state === "done" ? (
          <p className={styles.done}>
            {t("command.done", {
              command: word("command", `${outcome.command}.do`),
              door: door.name,
              time: clock(outcome.at, zone),
            })}
          </p>
        ) : null}
        {outcome?.state === "refused" ? <Failure error={outcome.error} /> : null}
      </div>
    </Panel>
  );
}

function focus(input: HTMLInputElement | null): void {
  input?.focus();
}
