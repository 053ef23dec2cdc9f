import { afterEach, beforeEach, expect, it, vi } from "vitest";

import { Board } from "./board";
import { Wanted } from "./wanted";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it("keeps one subscription for the union, renewed only when the union changed", () => {
  const left: string[] = [];
  const asked: string[] = [];
  const wanted = new Wanted((ids) => {
    asked.push(ids.join());
    return () => left.push(ids.join());
  });
  const first = wanted.add(["b", "a"]);
  const second = wanted.add(["b", "c"]);
  vi.advanceTimersByTime(200);
  expect(asked).toEqual(["a,b,c"]);
  const third = wanted.add(["c"]);
  third();
  vi.advanceTimersByTime(200);
  expect(asked).toHaveLength(1);
  first();
  vi.advanceTimersByTime(200);
  expect(asked).toEqual(["a,b,c", "b,c"]);
  expect(left).toEqual(["a,b,c"]);
  second();
  vi.advanceTimersByTime(200);
  expect(left).toEqual(["a,b,c", "b,c"]);
});

it("tells a burst of changes once and hands out a new view only then", () => {
  const board = new Board<number>();
  const listener = vi.fn();
  board.subscribe(listener);
  const before = board.snapshot();
  for (let n = 0; n < 1000; n++) board.put(`p${n % 10}`, n);
  expect(board.snapshot()).toBe(before);
  vi.advanceTimersByTime(60);
  expect(listener).toHaveBeenCalledOnce();
  expect(board.snapshot().size).toBe(10);
  expect(board.get("p9")).toBe(999);
});
