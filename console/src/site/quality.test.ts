import { expect, it } from "vitest";

import { grade, qualityName } from "./quality";
import { severityOf } from "./severity";

it.each([
  [0, "good", "good"],
  [0x40900000, "uncertain", "uncertain-last-known-value"],
  [0x808a0000, "bad", "bad-not-connected"],
  [0x808a0400, "bad", "bad-not-connected"],
  [0x80ff0000, "bad", "bad"],
])("reads %d as %s", (code, expected, name) => {
  expect(grade(code)).toBe(expected);
  expect(qualityName(code)).toBe(name);
});

const status = (ref: string, state: string, data: Record<string, unknown> = {}) => ({ ref, state, detail: "", since: 0, data });

it("ranks a forced door over an offline camera over a normal one", () => {
  expect(severityOf(status("door:a", "online", { alarm: "forced" }))).toBe(3);
  expect(severityOf(status("door:a", "online", { alarm: "", mode: "locked", tamper: false }))).toBe(0);
  expect(severityOf(status("door:a", "online", { mode: "locked-down" }))).toBe(2);
  expect(severityOf(status("camera:a", "offline"))).toBe(2);
  expect(severityOf(status("camera:a", "online"))).toBe(0);
  expect(severityOf(undefined)).toBe(0);
});
