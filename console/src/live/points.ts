import { useEffect, useSyncExternalStore } from "react";

import type { Latest, Value } from "../api/types";
import { Board } from "./board";
import { live } from "./live";
import { Wanted } from "./wanted";

type Row = [point: string, value: Value, quality: number, sourceTime: number, serverTime: number];

const board = new Board<Latest>();

/** Only the points on the screen are asked for; the set is sent anew when it has been quiet for a moment. */
const wanted = new Wanted((ids) =>
  live.subscribe("points", { points: ids }, (message) => {
    for (const [point, value, quality, source_time, server_time] of (message.values ?? []) as Row[]) {
      board.put(point, { point, value, quality, source_time, server_time });
    }
  }),
);

/** Asks for the live values of these points while the caller is mounted. `ids` must be stable. */
export function useWanted(ids: readonly string[]): void {
  useEffect(() => wanted.add(ids), [ids]);
}

export function useValue(id: string): Latest | undefined {
  return useSyncExternalStore(board.subscribe, () => board.get(id));
}

export function useValues(): ReadonlyMap<string, Latest> {
  return useSyncExternalStore(board.subscribe, board.snapshot);
}

/** Puts values that were fetched, unless a newer one came in meanwhile. */
export function seed(values: readonly Latest[]): void {
  for (const value of values) {
    const held = board.get(value.point);
    if (!held || held.server_time < value.server_time) board.put(value.point, value);
  }
}
