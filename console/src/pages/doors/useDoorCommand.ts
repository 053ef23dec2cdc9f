import { useState } from "react";

import { api, take } from "../../api/client";
import type { DoorCommand } from "../../api/types";

export interface Outcome {
  command: DoorCommand;
  state: "running" | "done" | "refused";
  at: number;
  error?: unknown;
}

/** Sends commands to a door and keeps what came of the last one. */
export function useDoorCommand(id: string): {
  outcome: Outcome | null;
  send: (command: DoorCommand, reason: string) => Promise<boolean>;
} {
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const send = async (command: DoorCommand, reason: string): Promise<boolean> => {
    setOutcome({ command, state: "running", at: Date.now() });
    try {
      await take(api.POST("/api/v1/doors/{id}/commands", { params: { path: { id } }, body: { command, reason } }));
      setOutcome({ command, state: "done", at: Date.now() });
      return true;
    } catch (error) {
      setOutcome({ command, state: "refused", at: Date.now(), error });
      return false;
    }
  };
  return { outcome, send };
}
