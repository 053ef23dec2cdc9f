import { describe, expect, it } from "vitest";

import { Load, LOOK_MS, type Sample } from "./load";

/** A computer that shows so many frames a look, whichever picture they are of. */
function computer(frames: number) {
  const load = new Load();
  const levels = new Map<string, number>();
  const keys = new Map<string, object>();
  const floors = new Map<string, number>();
  let now = 0;
  const rate = (name: string): number => (levels.get(name) === floors.get(name) && floors.get(name) !== 0 ? 2 : 60);
  return {
    levels,
    set power(wanted: number) {
      frames = wanted;
    },
    add(name: string, size = 1, floor = 1) {
      const key = {};
      keys.set(name, key);
      levels.set(name, 0);
      floors.set(name, floor);
      load.add(key, size, floor, now, (level) => levels.set(name, level));
    },
    run(looks: number) {
      for (let n = 0; n < looks; n++) {
        now += LOOK_MS;
        const wanted = [...keys.keys()].reduce((sum, name) => sum + rate(name), 0);
        const share = Math.min(1, frames / wanted);
        const samples = new Map<object, Sample>();
        for (const [name, key] of keys) samples.set(key, { came: rate(name), shown: Math.floor(rate(name) * share) });
        load.look(samples, now);
      }
    },
    down: () => [...levels].filter(([, level]) => level > 0).map(([name]) => name),
  };
}

describe("Load", () => {
  it("leaves alone what is shown whole", () => {
    const one = computer(1000);
    for (let n = 0; n < 16; n++) one.add(`tile-${n}`);
    one.run(100);
    expect(one.down()).toEqual([]);
  });

  it("brings down as many as are too many, and the others move whole", () => {
    const one = computer(480);
    for (let n = 0; n < 16; n++) one.add(`tile-${n}`);
    one.run(12);
    expect(one.down().length).toBeGreaterThanOrEqual(8);
    expect(one.down().length).toBeLessThanOrEqual(11);
  });

  it("keeps the large picture longest", () => {
    const one = computer(70);
    one.add("large", 9);
    for (let n = 0; n < 5; n++) one.add(`small-${n}`);
    one.run(10);
    expect(one.levels.get("large")).toBe(0);
    expect(one.down()).toHaveLength(5);
  });

  it("takes the second stream before key frames", () => {
    const one = computer(30);
    one.add("alone", 1, 2);
    one.run(4);
    expect(one.levels.get("alone")).toBe(1);
    one.run(8);
    expect(one.levels.get("alone")).toBe(2);
  });

  it("tries again after a rest, each time later where that fails", () => {
    const one = computer(90);
    one.add("a");
    one.add("b");
    one.run(6);
    expect(one.down()).toHaveLength(1);
    let tries = 0;
    let before = 1;
    for (let n = 0; n < 300; n++) {
      one.run(1);
      if (one.down().length < before) tries++;
      before = one.down().length;
    }
    expect(tries).toBeGreaterThanOrEqual(2);
    expect(tries).toBeLessThanOrEqual(5);
    one.power = 1000;
    one.run(400);
    expect(one.down()).toEqual([]);
  });

  it("forgets what is gone", () => {
    const load = new Load();
    const key = {};
    load.add(key, 1, 1, 0, () => expect.fail("it is gone"));
    load.remove(key);
    for (let now = LOOK_MS; now < 40_000; now += LOOK_MS) load.look(new Map([[key, { came: 60, shown: 1 }]]), now);
  });
});
