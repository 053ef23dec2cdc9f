import { expect, it } from "vitest";

import type { StoredEvent } from "../api/types";
import { bars, clustered } from "./marks";

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

it("counts each moment of the span once", () => {
  const times = [0, 1, 500, 39_999, 40_000, -1];
  expect(bars(times, span).reduce((sum, one) => sum + one.count, 0)).toBe(4);
  expect(bars(times, span)[0]).toMatchObject({ start: 0, count: 3 });
  expect(bars([], span)).toEqual([]);
});
