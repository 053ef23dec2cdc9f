import { describe, expect, it } from "vitest";

import { spark } from "./spark";

const box = { start: 0, end: 100, step: 10, width: 200, height: 40, least: 1 };

describe("the line of a small chart", () => {
  it("runs from the left at the scale of its greatest value", () => {
    expect(spark([0, 10, 20], [0, 4, 2], box)).toEqual({ path: "M0.0 40.0h0L20.0 0.0L40.0 20.0", top: 4 });
  });

  it("breaks where nothing arrived", () => {
    expect(spark([0, 10, 50], [1, 1, 1], box).path).toBe("M0.0 0.0h0L20.0 0.0M100.0 0.0h0");
  });

  it("lies on the ground for values of 0", () => {
    expect(spark([0, 10], [0, 0], box)).toEqual({ path: "M0.0 40.0h0L20.0 40.0", top: 1 });
  });

  it("is empty where nothing is known", () => {
    expect(spark([], [], box)).toEqual({ path: "", top: 1 });
  });
});
