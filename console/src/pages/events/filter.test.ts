import { expect, test } from "vitest";

import { canFollow, fromAddress, NOTHING, ofSaved, toAddress, type LogFilter } from "./filter";

const FULL: LogFilter = {
  types: ["door.*", "access.denied"],
  entity: "door:main",
  area: "lab",
  holder: "ada",
  source: "ctl-1",
  severity: 2,
  q: "a & b",
  start: 0,
  end: 1_780_000_000_000_000,
};

test("an address carries the whole filter, and nothing where nothing is asked", () => {
  expect(fromAddress(new URLSearchParams(toAddress(FULL).toString()))).toEqual(FULL);
  expect(toAddress(NOTHING).toString()).toBe("");
  expect(fromAddress(new URLSearchParams("severity=x&start=-4&end=1e9&severity=2"))).toEqual(NOTHING);
});

test("a saved search counts back from now", () => {
  const saved = { types: [], entity: "", within: "lab", holder: null, source: "", text: "", span: 60, severity: 3 };
  expect(ofSaved(saved as never, 100_000)).toEqual({ ...NOTHING, area: "lab", severity: 3, start: 40_000_000 });
});

test("what the live socket cannot filter by is not followed", () => {
  expect(canFollow({ ...NOTHING, holder: "ada", severity: 1 })).toBe(true);
  for (const wish of [{ area: "lab" }, { source: "c" }, { end: 5 }, { holder: "ada", entity: "door:main" }])
    expect(canFollow({ ...NOTHING, ...wish })).toBe(false);
});
