import { describe, expect, it } from "vitest";

import { clock, fromField, midnight, moment, stamp, toField } from "./zone";

const HOUR = 3_600_000;

describe("zone", () => {
  it("shows the site's wall time, not the browser's", () => {
    const ms = Date.UTC(2026, 10, 21, 3, 4, 5);
    expect(clock(ms, "Asia/Tokyo")).toBe("12:04:05");
    expect(stamp(ms, "America/Los_Angeles", Date.UTC(2026, 10, 22, 3))).toBe("2026-11-20 19:04:05");
  });

  it.each([
    ["2026-03-29", 23],
    ["2026-10-25", 25],
    ["2026-06-01", 24],
  ])("knows that %s has %d hours in Berlin", (date, hours) => {
    const noon = Date.parse(`${date}T12:00:00Z`);
    const length = midnight(noon, "Europe/Berlin", 1) - midnight(noon, "Europe/Berlin");
    expect(length).toBe(hours * HOUR);
  });

  it("takes the first of two equal wall times and moves a skipped one forward", () => {
    const at = (month: number, day: number, hour: number, minute: number) =>
      moment({ year: 2026, month, day, hour, minute, second: 0 }, "Europe/Berlin");
    expect(new Date(at(10, 25, 2, 30)).toISOString()).toBe("2026-10-25T00:30:00.000Z");
    expect(new Date(at(3, 29, 2, 30)).toISOString()).toBe("2026-03-29T01:30:00.000Z");
  });

  it("reads back what it wrote into a field, at every hour of a year", () => {
    for (let ms = Date.UTC(2026, 0, 1); ms < Date.UTC(2027, 0, 1); ms += HOUR) {
      const back = fromField(toField(ms, "Europe/Berlin"), "Europe/Berlin");
      const twice = ms === Date.UTC(2026, 9, 25, 1);
      expect(back).toBe(twice ? ms - HOUR : ms);
    }
  });

  it("refuses what is no time", () => {
    expect(fromField("", "UTC")).toBeNull();
    expect(fromField("yesterday", "UTC")).toBeNull();
  });
});
