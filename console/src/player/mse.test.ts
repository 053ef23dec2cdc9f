import { describe, expect, it } from "vitest";

import { advise, AIM, follow, still } from "./mse";

describe("advise", () => {
  it("starts at the newest frame, wherever the stream's clock stands", () => {
    expect(advise(0, [{ start: 90_000, end: 90_004 }])).toEqual({ seek: 90_004 - AIM, rate: 1, trimTo: null });
  });

  it("plays on at normal speed when it is close enough", () => {
    expect(advise(9.8, [{ start: 0, end: 10 }])).toEqual({ seek: null, rate: 1, trimTo: null });
  });

  it("catches up gently first, and jumps when it is far behind", () => {
    expect(advise(9.4, [{ start: 0, end: 10 }]).rate).toBe(1.05);
    expect(advise(8.7, [{ start: 0, end: 10 }]).rate).toBe(1.15);
    expect(advise(7, [{ start: 0, end: 10 }]).seek).toBe(9.75);
  });

  it("leaves a gap behind by going into the newest range", () => {
    expect(
      advise(5, [
        { start: 0, end: 5 },
        { start: 8, end: 8.1 },
      ]).seek,
    ).toBe(8);
  });

  it("keeps the buffer small", () => {
    expect(advise(19.9, [{ start: 0, end: 20 }]).trimTo).toBeCloseTo(13.9);
    expect(advise(10, [{ start: 0, end: 10.1 }]).trimTo).toBeNull();
  });

  it("has no advice for an empty buffer", () => {
    expect(advise(3, [])).toEqual({ seek: null, rate: 1, trimTo: null });
  });
});

describe("follow", () => {
  const ranges = [{ start: 100, end: 110 }];

  it("goes with the pictures, gently where it can", () => {
    expect(follow(105, 105.02, ranges)).toMatchObject({ seek: null, rate: 1 });
    expect(follow(105.2, 105, ranges).rate).toBe(0.97);
    expect(follow(105, 105.2, ranges).rate).toBe(1.03);
    expect(follow(0, 105, ranges).seek).toBe(105);
  });

  it("waits where the pictures are at a moment without sound", () => {
    expect(follow(105, 120, ranges)).toMatchObject({ seek: null, rate: 1 });
  });
});

describe("still", () => {
  it("stands at the newest key frame, and goes to the next when it is there", () => {
    const first = { start: 10, end: 10.04 };
    expect(still(0, [first]).seek).toBeCloseTo(10.02);
    expect(still(10.02, [first]).seek).toBeNull();
    expect(still(10.02, [first, { start: 12, end: 12.04 }]).seek).toBeCloseTo(12.02);
  });

  it("keeps few of them", () => {
    const held = [0, 2, 4, 6, 8, 10, 12, 14].map((start) => ({ start, end: start + 0.04 }));
    expect(still(14.02, held).trimTo).toBe(8);
    expect(still(14.02, held.slice(4)).trimTo).toBeNull();
  });
});
