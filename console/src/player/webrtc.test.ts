import { expect, test } from "vitest";

import { delay } from "./webrtc";

const START = { held: 1, emitted: 100, decoding: 0.5, decoded: 90 };

test("the delay is half the way there and back, the mean wait and the mean decoding", () => {
  const found = delay(START, { held: 1.5, emitted: 125, decoding: 0.6, decoded: 115 }, 0.01);
  expect(found?.seconds).toBeCloseTo(0.005 + 0.02 + 0.004, 6);
});

test("nothing is told of a time in which nothing was shown", () => {
  expect(delay(START, START, 0.01)).toBeNull();
});

test("pictures that wait to be decoded count as far as they waited", () => {
  expect(delay(START, { ...START, held: 1.1, emitted: 110 }, 0)?.seconds).toBeCloseTo(0.01, 6);
});
