import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { Pace } from "./pace";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test("one hint is looked at soon, and once more when it is quiet", () => {
  const look = vi.fn();
  new Pace(look, Date.now).hint();
  vi.advanceTimersByTime(199);
  expect(look).toHaveBeenCalledTimes(0);
  vi.advanceTimersByTime(1);
  expect(look).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(60_000);
  expect(look).toHaveBeenCalledTimes(2);
});

test("a flood of hints makes two looks a second, and the last comes after it", () => {
  const times: number[] = [];
  const pace = new Pace(() => times.push(Date.now()), Date.now);
  const begun = Date.now();
  for (let n = 0; n < 1000; n += 1) {
    pace.hint();
    vi.advanceTimersByTime(10);
  }
  expect(times.length).toBeLessThanOrEqual(20);
  expect(times.length).toBeGreaterThanOrEqual(15);
  vi.advanceTimersByTime(60_000);
  expect(times.at(-1)).toBe(begun + 999 * 10 + 2000);
});

test("who stops looks no more", () => {
  const look = vi.fn();
  const pace = new Pace(look, Date.now);
  pace.hint();
  pace.stop();
  vi.advanceTimersByTime(60_000);
  expect(look).not.toHaveBeenCalled();
});
