import { expect, it } from "vitest";

import { series } from "./series";

it("orders by time, makes bad values gaps and draws on and off as 1 and 0", () => {
  const samples = { times: [3e6, 1e6, 2e6, 4e6], values: [true, false, 5, "text"], qualities: [0, 0, 0x80050000, 0] };
  expect(series(samples)).toEqual([
    [1, 2, 3, 4],
    [0, null, 1, null],
  ]);
});

it("keeps the last of two values at one time", () => {
  expect(series({ times: [1e6, 1e6], values: [1, 2], qualities: [0, 0] })).toEqual([[1], [2]]);
});
