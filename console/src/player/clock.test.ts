import { describe, expect, it } from "vitest";

import { Clock, PATIENCE } from "./clock";

describe("clock", () => {
  it("runs as fast as it is told, either way, and stands", () => {
    const clock = new Clock(1000, 0);
    expect(clock.at(500)).toBe(1500);
    clock.setSpeed(-4, 500);
    expect(clock.at(600)).toBe(1100);
    clock.pause(true, 600);
    expect(clock.at(9000)).toBe(1100);
    clock.pause(false, 9000);
    clock.setSpeed(0.5, 9000);
    expect(clock.at(9100)).toBe(1150);
  });

  it("tells a jump from a run", () => {
    const clock = new Clock(0, 0);
    let told = 0;
    const leave = clock.subscribe(() => (told += 1));
    clock.setSpeed(2, 10);
    expect(clock.jumps).toBe(0);
    clock.seek(77, 10);
    expect([clock.jumps, clock.at(10), told]).toEqual([1, 77, 2]);
    leave();
    clock.seek(78, 10);
    expect(told).toBe(2);
  });

  it("waits for whoever is not ready, for a time", () => {
    const clock = new Clock(0, 0);
    const one = {};
    const other = {};
    clock.wait(one, true, 100);
    clock.wait(other, true, 200);
    expect(clock.at(1000)).toBe(100);
    clock.wait(one, false, 1000);
    expect(clock.running(1000)).toBe(false);
    clock.wait(other, false, 1500);
    expect(clock.at(1700)).toBe(300);
    clock.wait(one, true, 1700);
    expect(clock.at(1700 + PATIENCE - 1)).toBe(300);
    expect(clock.running(1700 + PATIENCE)).toBe(true);
  });

  it("goes on from where it stood when patience ran out, without a leap", () => {
    const clock = new Clock(0, 0);
    clock.wait({}, true, 100);
    expect(clock.at(100 + PATIENCE)).toBe(100);
    expect(clock.at(100 + PATIENCE + 250)).toBe(350);
  });
});
