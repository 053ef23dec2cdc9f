import { expect, it } from "vitest";

import { can } from "./can";

const door = { ref: "door:main", area: "lobby", tags: ["public"] };

it.each([
  ["*", "*", true],
  ["door.*", "*", true],
  ["door.release", "door:main", true],
  ["door.release", "door:back", false],
  ["door.lock", "*", false],
  ["door.release", "area:lobby", true],
  ["door.release", "area:yard", false],
  ["door.*", "tag:public", true],
  ["door.*", "tag:secret", false],
  ["point.*", "*", false],
])("%s on %s covers a release of the main door: %s", (action, selector, expected) => {
  expect(can([{ action, selector }], "door.release", door)).toBe(expected);
});

it("shows a page to who may do it on something", () => {
  expect(can([{ action: "door.read", selector: "door:main" }], "door.read")).toBe(true);
  expect(can([], "door.read")).toBe(false);
});
