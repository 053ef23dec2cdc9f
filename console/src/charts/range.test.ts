import { expect, it } from "vitest";

import { backBy, isLive, moved, readRange, spanOf, within, writeRange, zoomed } from "./range";

const YEAR = 365 * 86_400_000;

it("is the same after a way through the address", () => {
  for (const range of [{ last: 900 }, { start: 1_700_000_000_000, end: 1_700_000_001_500 }]) {
    const search = writeRange(new URLSearchParams("tab=history&last=5"), range);
    expect(readRange(search, 3600)).toEqual(range);
    expect(search.get("tab")).toBe("history");
  }
});

it.each(["", "last=0", "last=x", "from=5", "from=9&to=8", "from=-4&to=8", "last=99999999999"])(
  "takes the default for %s",
  (text) => {
    expect(readRange(new URLSearchParams(text), 3600)).toEqual({ last: 3600 });
  },
);

it("moves a live span on in steps and ends it after now", () => {
  const first = spanOf({ last: 3600 }, 1_000_000_001);
  expect(first.end).toBeGreaterThanOrEqual(1_000_000_001);
  expect(first.end - first.start).toBe(3_600_000);
  expect(spanOf({ last: 3600 }, 1_000_000_002)).toEqual(first);
});

it("zooms from a year to a second about the place under the pointer", () => {
  let span = { start: 0, end: YEAR };
  const at = YEAR * 0.75;
  for (let n = 0; n < 200; n++) span = zoomed(span, at, 0.8);
  expect(span.end - span.start).toBe(1000);
  expect((at - span.start) / 1000).toBeCloseTo(0.75, 1);
  for (let n = 0; n < 200; n++) span = zoomed(span, at, 1.25);
  expect(span.end - span.start).toBeLessThanOrEqual(10 * 366 * 86_400_000);
});

it("moves, but not before 1970", () => {
  expect(moved({ start: 1000, end: 3000 }, 0.5)).toEqual({ start: 2000, end: 4000 });
  expect(moved({ start: 500, end: 2500 }, -0.5)).toEqual({ start: 0, end: 2000 });
  expect(within({ start: 5000, end: 5100 })).toEqual({ start: 4550, end: 5550 });
});

it("knows how far back another time lies", () => {
  const span = { start: 0, end: 5000 };
  expect(backBy("period", span)).toBe(5000);
  expect(backBy("week", span)).toBe(604_800_000);
  expect(backBy("none", span)).toBe(0);
  expect(isLive({ last: 4 })).toBe(true);
});
