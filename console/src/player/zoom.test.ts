import { describe, expect, it } from "vitest";

import { enlarge, move, WHOLE } from "./zoom";

const SIZE = { width: 640, height: 360 };

describe("zoom", () => {
  it("keeps what is pointed at where it is", () => {
    const view = enlarge(WHOLE, 2, 160, 90, SIZE);
    expect(view).toEqual({ scale: 2, x: -160, y: -90 });
    expect(enlarge(view, 0.5, 0, 0, SIZE)).toEqual({ scale: 1, x: 0, y: 0 });
  });

  it("shows no edge and has its limits", () => {
    expect(move(enlarge(WHOLE, 2, 0, 0, SIZE), 50, -9999, SIZE)).toEqual({ scale: 2, x: 0, y: -360 });
    expect(enlarge(WHOLE, 100, 0, 0, SIZE).scale).toBe(12);
    expect(enlarge(WHOLE, 0.1, 99, 99, SIZE)).toEqual(WHOLE);
  });
});
