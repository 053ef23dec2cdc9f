import { afterEach, beforeEach, expect, it, vi } from "vitest";

import { Mover } from "./mover";
import { STILL } from "./vector";

const LEFT = { pan: -1, tilt: 0, zoom: 0 };
const UP = { pan: 0, tilt: 1, zoom: 0 };

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function rig() {
  const told: string[] = [];
  const waiting: (() => void)[] = [];
  let refuse: Error | null = null;
  const order = (name: string) => () =>
    new Promise<void>((resolve, reject) => {
      told.push(name);
      waiting.push(() => (refuse ? reject(refuse) : resolve()));
    });
  const failed = vi.fn();
  const mover = new Mover({
    move: (vector) => order(vector === LEFT ? "left" : "up")(),
    stop: order("stop"),
    failed,
  });
  const answer = async (): Promise<void> => {
    waiting.shift()?.();
    await vi.advanceTimersByTimeAsync(0);
  };
  return { mover, told, answer, failed, refuse: (error: Error) => (refuse = error) };
}

it("asks again while the button is held, and stops when it is let go", async () => {
  const { mover, told, answer } = rig();
  mover.want(LEFT);
  await answer();
  await vi.advanceTimersByTimeAsync(500);
  await answer();
  expect(told).toEqual(["left", "left"]);
  mover.want(STILL);
  await vi.advanceTimersByTimeAsync(0);
  expect(told).toEqual(["left", "left", "stop"]);
});

it("sends no stop before the movement was answered", async () => {
  const { mover, told, answer } = rig();
  mover.want(LEFT);
  mover.want(STILL);
  await vi.advanceTimersByTimeAsync(2000);
  expect(told).toEqual(["left"]);
  await answer();
  expect(told).toEqual(["left", "stop"]);
});

it("changes its direction at once", async () => {
  const { mover, told, answer } = rig();
  mover.want(LEFT);
  await answer();
  mover.want(UP);
  await vi.advanceTimersByTimeAsync(0);
  expect(told).toEqual(["left", "up"]);
});

it("ends with a refusal, and can begin anew", async () => {
  const { mover, told, answer, failed, refuse } = rig();
  refuse(new Error("somebody else has it"));
  mover.want(LEFT);
  await answer();
  await vi.advanceTimersByTimeAsync(2000);
  expect(failed).toHaveBeenCalledOnce();
  expect(told).toEqual(["left"]);
  mover.want(UP);
  expect(told).toEqual(["left", "up"]);
});
