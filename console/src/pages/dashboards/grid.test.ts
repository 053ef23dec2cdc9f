import { expect, it } from "vitest";

import { fitted, foot, overlap, placed, type Place } from "./grid";

const tiles: Place[] = [
  { x: 0, y: 0, w: 6, h: 2 },
  { x: 6, y: 0, w: 6, h: 2 },
  { x: 0, y: 2, w: 12, h: 3 },
];

function free(all: readonly Place[]): boolean {
  return all.every((one, n) => all.slice(n + 1).every((other) => !overlap(one, other)));
}

it("keeps each tile within the grid", () => {
  expect(fitted({ x: 11, y: -3, w: 4, h: 99 })).toEqual({ x: 8, y: 0, w: 4, h: 20 });
  expect(fitted({ x: -1, y: 1.4, w: 0, h: 0 })).toEqual({ x: 0, y: 1, w: 1, h: 1 });
});

it("moves others out of the way and closes up, whatever is done", () => {
  for (let index = 0; index < tiles.length; index++) {
    for (let x = -1; x < 13; x++) {
      for (let y = 0; y < 8; y++) {
        for (const w of [1, 5, 12]) {
          const next = placed(tiles, index, { x, y, w, h: 2 });
          expect(free(next)).toBe(true);
          expect(Math.min(...next.map((one) => one.y))).toBe(0);
        }
      }
    }
  }
});

it("leaves where it stands what is not touched", () => {
  expect(placed(tiles, 0, tiles[0] as Place)).toEqual(tiles);
  expect(foot(tiles)).toBe(5);
  expect(placed(tiles, 0, { x: 0, y: 0, w: 12, h: 2 })[1]).toEqual({ x: 6, y: 2, w: 6, h: 2 });
});
