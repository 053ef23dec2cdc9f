import { describe, expect, it } from "vitest";

import { around, gapAt, isFault, join, neighbour, scrubbed, ticks } from "./timeline";

const S = 1000;
const H = 3_600_000;

describe("timeline", () => {
  const recordings = join([
    { start: 20 * S, end: 30 * S },
    { start: 0, end: 10 * S },
    { start: 10.5 * S, end: 15 * S },
  ]);

  it("joins segments that touch and keeps the gaps", () => {
    expect(recordings).toEqual([
      { start: 0, end: 15 * S },
      { start: 20 * S, end: 30 * S },
    ]);
  });

  it("shows few pictures while it is pointed along, and none where there is none", () => {
    const window = { start: 0, end: 3600 * S };
    expect(scrubbed(7.9 * S, window, recordings)).toBe(0);
    expect(scrubbed(12 * S, window, recordings)).toBe(9 * S);
    expect(scrubbed(20.5 * S, window, recordings)).toBe(20 * S);
    expect(scrubbed(17 * S, window, recordings)).toBeNull();
  });

  it("steps from recording to recording", () => {
    expect(neighbour(recordings, 5 * S, 1)).toBe(20 * S);
    expect(neighbour(recordings, 25 * S, 1)).toBeNull();
    expect(neighbour(recordings, 25 * S, -1)).toBe(20 * S);
    expect(neighbour(recordings, 20.5 * S, -1)).toBe(0);
  });

  it("marks round wall times, also through a day of 25 hours", () => {
    const start = Date.parse("2026-10-24T22:00:00Z");
    const marks = ticks({ start, end: start + 25 * H }, "Europe/Berlin", 30);
    expect(marks).toHaveLength(26);
    expect(new Set(marks.map((ms, i) => ms - (marks[i - 1] ?? ms - H)))).toEqual(new Set([H]));
    expect(ticks({ start: 0, end: 60 * S }, "Asia/Kolkata", 6)).toEqual([0, 15 * S, 30 * S, 45 * S, 60 * S]);
  });

  it("finds why there is nothing, and tells a fault from a wish", () => {
    const gap = { start: 10 * S, end: 20 * S, reason: "camera-lost", detail: "cable" };
    expect(gapAt([gap], 10 * S)).toBe(gap);
    expect(gapAt([gap], 20 * S)).toBeNull();
    expect(isFault(gap)).toBe(true);
    expect(isFault({ ...gap, reason: "no-event" })).toBe(false);
  });

  it("shows little of the future", () => {
    expect(around(100, 100, 100)).toEqual({ start: 10, end: 110 });
    expect(around(50, 20, 1000)).toEqual({ start: 40, end: 60 });
  });
});
