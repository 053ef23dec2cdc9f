import { expect, it } from "vitest";

import { readValue, showValue } from "./values";

it("shows a value as its point wants it", () => {
  expect(showValue(21.5, { type: "number", decimals: 1 })).toBe("21.5");
  expect(showValue(3, { type: "number", decimals: 2 })).toBe("3.00");
  expect(showValue(3, { type: "integer", decimals: 2 })).toBe("3");
  expect(showValue(null, { type: "number", decimals: 2 })).not.toMatch(/\d/);
});

it.each([
  ["21,5", "number", 0, 30, { value: 21.5 }],
  ["31", "number", 0, 30, "30"],
  ["-1", "number", 0, null, "0"],
  ["", "number", null, null, "number"],
  ["1e999", "number", null, null, "number"],
  ["0x10", "integer", null, null, { value: 16 }],
  ["1.5", "integer", null, null, "whole"],
  ["true", "boolean", null, null, { value: true }],
  ["yes", "boolean", null, null, "On"],
  [" a ", "string", null, null, { value: " a " }],
] as const)("reads %j for a %s between %s and %s", (text, type, minimum, maximum, expected) => {
  const read = readValue(text, { type, minimum, maximum });
  if (typeof expected === "string") expect("wrong" in read && read.wrong).toContain(expected);
  else expect(read).toEqual(expected);
});
