import { expect, it } from "vitest";

import type { PointColumns } from "../api/types";
import { csvOf, laneOf, lineOf, rowsOf, shadesOf } from "./model";

const BAD = 0x808a0000;
const MINUTE = 60_000_000;
const WORDS = { on: "On", off: "Off", mixed: "changed" };

function samples(values: (number | string | null)[], more: Partial<PointColumns> = {}): PointColumns {
  return {
    point: "p",
    name: "P",
    type: "number",
    unit: "°C",
    decimals: 1,
    form: "samples",
    times: values.map((_, n) => n * MINUTE),
    values,
    qualities: values.map((value) => (value === null ? BAD : 0)),
    counts: [],
    minima: [],
    maxima: [],
    averages: [],
    firsts: [],
    lasts: [],
    more: false,
    ...more,
  };
}

function buckets(rows: [time: number, low: number | null, mean: number | null, high: number | null][]): PointColumns {
  return samples([], {
    form: "buckets",
    times: rows.map(([time]) => time),
    minima: rows.map(([, low]) => low),
    averages: rows.map(([, , mean]) => mean),
    maxima: rows.map(([, , , high]) => high),
    counts: rows.map(([, low]) => (low === null ? 0 : 9)),
    qualities: rows.map(([, low]) => (low === null ? BAD : 0)),
  });
}

it("breaks a line where a read failed and where nothing was known", () => {
  expect(lineOf(samples([1, null, 3])).values).toEqual([1, null, 3]);
  const silent = lineOf(samples([1, 2], { times: [MINUTE, 60 * MINUTE] }));
  expect(silent.values).toEqual([1, null, 2]);
  expect(lineOf(samples([1, 2], { times: [MINUTE, 11 * MINUTE] })).values).toEqual([1, 2]);
});

it("draws buckets at their middle with least and greatest", () => {
  const line = lineOf(
    buckets([
      [0, 1, 2, 3],
      [MINUTE, null, null, null],
      [2 * MINUTE, 4, 4, 4],
    ]),
  );
  expect(line.times).toEqual([30, 90, 150]);
  expect(line.values).toEqual([2, null, 4]);
  expect([line.low[0], line.high[0]]).toEqual([1, 3]);
});

it("moves an earlier time under this one", () => {
  const line = lineOf(samples([1]), 86_400_000);
  expect(line.times).toEqual([86_400]);
  expect(line.earlier).toBe(true);
});

it("joins states that follow each other and says where there is none", () => {
  const lane = laneOf(samples([1, 1, 0, null, 1], { type: "boolean" }), 0, WORDS);
  expect(lane.bands.map((band) => [band.kind, (band.end - band.start) / 60_000])).toEqual([
    ["on", 2],
    ["off", 1],
    ["bad", 1],
    ["on", 21],
  ]);
  const texts = laneOf(samples(["auto", "auto", "hand"], { type: "string" }), 0, WORDS);
  expect(texts.bands.map((band) => band.text)).toEqual(["auto", "hand"]);
  const many = laneOf({ ...buckets([[0, 0, 0.5, 1]]), type: "boolean" }, MINUTE, WORDS);
  expect(many.bands[0]?.kind).toBe("mixed");
});

it("shades what was not good", () => {
  const found = shadesOf(samples([1, null, null, 4], { qualities: [0, BAD, BAD, 0x40000000] }), 0);
  expect(found.map((one) => [one.grade, one.start / 60_000, one.end / 60_000])).toEqual([
    ["bad", 1, 3],
    ["uncertain", 3, 24],
  ]);
});

it("puts values of one time into one row", () => {
  const rows = rowsOf([lineOf(samples([1, 2])), lineOf(samples([null, 5]))]);
  expect(rows).toEqual([
    { time: 0, cells: ["1.0", null] },
    { time: 60_000, cells: ["2.0", "5.0"] },
  ]);
});

it("writes CSV that no spreadsheet runs", () => {
  const lines = csvOf([samples(["=a,b"], { type: "string", name: 'P "one"' }), samples([-1.5])]).split("\r\n");
  expect(lines[1]).toBe('p,"P ""one""",°C,1970-01-01T00:00:00.000Z,"\'=a,b",,,,0x00000000');
  expect(lines[2]).toBe("p,P,°C,1970-01-01T00:00:00.000Z,-1.5,,,,0x00000000");
});
