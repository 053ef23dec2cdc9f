import { describe, expect, it } from "vitest";

import type { StoredEvent } from "../../api/types";
import { marksOf, neighbourMark } from "./marks";

const event = (seq: number, type: string, seconds: number, severity = 0): StoredEvent => ({
  seq,
  stored: 0,
  event: { key: "", type, entity: "camera:yard", time: seconds * 1_000_000, severity, related: [], text: type, data: {} },
});

describe("marks", () => {
  const marks = marksOf("yard", [
    event(5, "camera.motion", 90),
    event(4, "camera.tamper", 50, 3),
    event(3, "camera.motion-ended", 42),
    event(2, "camera.motion", 30),
    event(1, "camera.motion-ended", 5),
  ]);

  it("are motion from its begin to its end, and events", () => {
    expect(marks.map(({ kind, start, end, severity }) => [kind, start, end, severity])).toEqual([
      ["motion", 30_000, 42_000, 0],
      ["event", 50_000, 50_000, 3],
      ["motion", 90_000, 100_000, 0],
    ]);
  });

  it("are gone through either way", () => {
    expect(neighbourMark(marks, 30_000, 1)?.start).toBe(50_000);
    expect(neighbourMark(marks, 50_500, -1)?.start).toBe(30_000);
    expect(neighbourMark(marks, 90_000, 1)).toBeNull();
    expect(neighbourMark([], 0, 1)).toBeNull();
  });
});
