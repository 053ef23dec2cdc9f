import { describe, expect, it } from "vitest";

import { DIRECTIONS, isMoveKey, isStill, ofKeys } from "./vector";

describe("the movement of held keys", () => {
  it("goes where an arrow points, as fast as is set", () => {
    expect(ofKeys(new Set(["ArrowLeft"]), 0.5)).toEqual({ pan: -0.5, tilt: 0, zoom: 0 });
  });
  it("goes aslant with two keys, and zooms at the same time", () => {
    expect(ofKeys(new Set(["ArrowUp", "ArrowRight", "-"]), 1)).toEqual({ pan: 1, tilt: 1, zoom: -1 });
  });
  it("stands still where keys contradict each other, or say nothing", () => {
    expect(isStill(ofKeys(new Set(["ArrowUp", "ArrowDown"]), 1))).toBe(true);
    expect(isStill(ofKeys(new Set(["x"]), 1))).toBe(true);
  });
  it("counts a key once, however it is written", () => {
    expect(ofKeys(new Set(["+", "=", "PageUp"]), 1).zoom).toBe(1);
    expect(isMoveKey("Enter")).toBe(false);
  });
});

it("has a pad of nine places with home in the middle", () => {
  expect(DIRECTIONS).toHaveLength(9);
  expect(DIRECTIONS[4]?.[0]).toBe("home");
});
