import { expect, test } from "vitest";

import type { TourStop } from "../../api/types";
import { asStop, HOME, moved, whereOf } from "./tour";

const STOP: TourStop = { preset: "1", home: false, place: null, stay: 10, speed: 0 };
const PLACE: TourStop = { ...STOP, preset: "", place: { pan: 0.5, tilt: 0, zoom: null } };

test("a stop is one of a preset, home, a place, and a choice leaves nothing of the others", () => {
  expect(whereOf(STOP)).toBe("preset:1");
  expect({ ...STOP, ...asStop("preset:a:b", STOP) }).toEqual({ ...STOP, preset: "a:b" });
  expect({ ...STOP, ...asStop(HOME, STOP) }).toEqual({ ...STOP, preset: "", home: true });
  expect({ ...PLACE, ...asStop(whereOf(PLACE), PLACE) }).toEqual(PLACE);
  expect({ ...PLACE, ...asStop("preset:2", PLACE) }).toEqual({ ...STOP, preset: "2" });
});

test("stops change places", () => {
  expect(moved([1, 2, 3], 2, 1)).toEqual([1, 3, 2]);
  expect(moved([1, 2, 3], 0, 2)).toEqual([2, 3, 1]);
});
