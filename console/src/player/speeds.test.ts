import { describe, expect, it } from "vitest";

import { modeOf, nextSpeed, speedText } from "./speeds";

describe("speeds", () => {
  it("plays every frame as far as a browser decodes them, and key frames beyond and backward", () => {
    expect(modeOf(0.5).frames).toBe("all");
    expect(modeOf(4).frames).toBe("all");
    expect(modeOf(16)).toEqual({ frames: "keys", backward: false, every: 2000 });
    expect(modeOf(-1)).toEqual({ frames: "keys", backward: true, every: 125 });
    expect(modeOf(4, 2).frames).toBe("keys");
    expect(modeOf(1, 2).frames).toBe("all");
  });

  it("go from fast backward to fast forward", () => {
    expect(nextSpeed(1, 1)).toBe(2);
    expect(nextSpeed(0.5, -1)).toBe(-1);
    expect(nextSpeed(16, 1)).toBe(16);
    expect(speedText(0.5)).toBe("½");
    expect(speedText(-16)).toBe("−16");
  });
});
