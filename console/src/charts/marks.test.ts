import { expect, it } from "vitest";

import type { StoredEvent } from "../api/types";
import { barsOf, clustered } from "./marks";

const span = { start: 0, end: 40_000 };

function event(ms: number, severity = 0): StoredEvent {
  return { seq: ms, stored: 0, event: { key: String(ms), type: "x", entity: "door:a", time: ms * 1000, severity, text: "" } };
}

it("puts together what lies too close, and shows its gravest", () => {
  const found = clustered([event(30_000), event(100, 3), event(0, 1), event(50_000)], span);
  expect(found.map((one) => [one.start, one.end, one.severity, one.events.length])).toEqual([
    [0, 100, 3, 2],
    [30_000, 30_000, 0, 1],
  ]);
});

it("puts the counts of some types together, and leaves empty steps out", () => {
  const counted = {
    start: 1_000_000,
    end: 4_000_000,
    step: 1_000_000,
    total: 9,
    reached: null,
    series: [
      { name: "door.forced", counts: [1, 0, 2] },
      { name: "door.opened", counts: [3, 0, 0] },
      { name: "door.held", counts: [0, 0, 3] },
    ],
  };
  expect(barsOf(counted, ["door.forced", "door.held"])).toEqual([
    { start: 1000, end: 2000, count: 1 },
    { start: 3000, end: 4000, count: 5 },
  ]);
  expect(barsOf(counted, ["access.granted"])).toEqual([]);
  expect(barsOf(undefined, ["door.held"])).toEqual([]);
});
