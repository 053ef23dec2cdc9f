import { useEffect, useSyncExternalStore } from "react";

import type { Status } from "../api/types";
import { Board } from "./board";
import { live } from "./live";

const board = new Board<Status>();

/** Keeps the board of all statuses live; mounted once, in the shell. */
export function useStatusFeed(): void {
  useEffect(
    () =>
      live.subscribe("status", {}, (message) => {
        for (const status of (message.statuses ?? []) as Status[]) board.put(status.ref, status);
      }),
    [],
  );
}

/** The statuses of the whole site by reference. */
export function useStatuses(): ReadonlyMap<string, Status> {
  return useSyncExternalStore(board.subscribe, board.snapshot);
}

/** The status of one entity; undefined until the server has told it. */
export function useStatus(ref: string): Status | undefined {
  return useSyncExternalStore(board.subscribe, () => board.get(ref));
}

export function forgetStatuses(): void {
  board.clear();
}
