import { describe, expect, it } from "vitest";

import { AHEAD, need, nextRecorded, pace, PIECE, rangeAt, spanAt, toMedia, toWall } from "./pieces";

const S = 1000;
const span = { start: 0, end: 600 * S };
const forward = { span, origin: 0, backward: false, pace: 1, paused: false };

describe("pieces", () => {
  it("knows the recording at a moment, and which comes when there is none", () => {
    const lanes = [[{ start: 0, end: 10 }], [{ start: 40, end: 50 }]];
    expect(spanAt(lanes[0] ?? [], 10)).toBeNull();
    expect(spanAt(lanes[0] ?? [], 10, true)).toEqual({ start: 0, end: 10 });
    expect(nextRecorded(lanes, 20, false)).toBe(40);
    expect(nextRecorded(lanes, 20, true)).toBe(10);
    expect(nextRecorded(lanes, 60, false)).toBeNull();
  });

  it("asks for a piece from the moment on, and for the next one before the first ends", () => {
    expect(need(100 * S, [], forward)).toEqual({ start: 100 * S, end: (100 + PIECE) * S });
    const held = [{ start: 100, end: 130 }];
    expect(need((130 - AHEAD - 1) * S, held, forward)).toBeNull();
    expect(need((130 - AHEAD + 1) * S, held, forward)).toEqual({ start: 130 * S, end: (130 + PIECE) * S });
    expect(need(595 * S, [{ start: 500, end: 600 }], forward)).toBeNull();
  });

  it("asks for what lies before when somebody steps, and no more than is missing", () => {
    expect(need(99 * S, [{ start: 100, end: 130 }], { ...forward, paused: true })).toBeNull();
    const held = [{ start: 105, end: 130 }];
    expect(need(100 * S, held, { ...forward, paused: true })).toEqual({ start: 97 * S, end: 105.2 * S });
  });

  it("asks backward for what lies before, on a timeline that runs the other way", () => {
    const back = { ...forward, origin: 600 * S, backward: true, pace: 4 };
    expect(toMedia(580 * S, 600 * S, true)).toBe(20);
    expect(toWall(20, 600 * S, true)).toBe(580 * S);
    expect(need(580 * S, [], back)).toEqual({ start: (580 - 4 * PIECE) * S, end: 580 * S });
    expect(need(40 * S, [{ start: 0, end: 560 }], back)).toEqual({ start: 0, end: 40 * S });
    expect(need(10 * S, [{ start: 0, end: 600 }], back)).toBeNull();
  });

  it("takes a range that begins soon, or that ends with the recording", () => {
    const held = [{ start: 10, end: 20 }];
    expect(rangeAt(held, 9)).toBe(held[0]);
    expect(rangeAt(held, 8)).toBeNull();
    expect(rangeAt(held, 20.1)).toBeNull();
    expect(rangeAt(held, 20.1, 20.2)).toBe(held[0]);
  });

  it("meets the clock gently, and jumps from far", () => {
    expect(pace(1, 0.01)).toBe(1);
    expect(pace(1, 0.05)).toBeLessThan(1);
    expect(pace(-4, -0.2)).toBeGreaterThan(4);
    expect(pace(1, 0.5)).toBeNull();
    expect(pace(16, 0.5)).not.toBeNull();
  });
});
