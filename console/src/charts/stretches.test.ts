import { expect, it } from "vitest";

import type { StoredEvent } from "../api/types";
import { stretches } from "./stretches";

function event(ms: number, type: string): StoredEvent {
  return { seq: ms, stored: 0, event: { key: String(ms), type, entity: "door:a", time: ms * 1000, text: "" } };
}
const span = { start: 1000, end: 9000 };
const of = (events: StoredEvent[], now = 10_000): number[][] =>
  stretches(events, ["door.opened"], ["door.closed"], span, now).map((one) => [one.start, one.end]);

it("lasts from the event that begins it to the one that ends it, in whatever order they are given", () => {
  expect(of([event(5000, "door.closed"), event(2000, "door.opened"), event(3000, "door.opened")])).toEqual([[2000, 5000]]);
});

it("began before the time where its end comes first, and lasts on where none comes", () => {
  expect(of([event(3000, "door.closed"), event(8000, "door.opened")])).toEqual([
    [1000, 3000],
    [8000, 9000],
  ]);
  expect(of([event(8000, "door.opened")], 8500)).toEqual([[8000, 8500]]);
  expect(of([])).toEqual([]);
});
