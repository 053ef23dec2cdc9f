import { expect, it } from "vitest";

import { explanationOf } from "./explanation";

it("links what a decision names and keeps the rest as words", () => {
  const why = explanationOf({
    reason: "not-permitted-at-this-time",
    explanation: {
      rule: "schedule",
      schedule: "office-hours",
      profile: "access-profile:staff",
      snapshot: 12,
      decided_by: "server",
      text: "Closed now.",
    },
  });
  expect(why?.text).toBe("Closed now.");
  expect(why?.parts).toEqual([
    { name: "reason", value: "not-permitted-at-this-time", ref: null },
    { name: "rule", value: "schedule", ref: null },
    { name: "schedule", value: "office-hours", ref: "schedule:office-hours" },
    { name: "profile", value: "access-profile:staff", ref: "access-profile:staff" },
    { name: "snapshot", value: "12", ref: null },
    { name: "decided_by", value: "server", ref: null },
  ]);
});

it("finds none in other events", () => {
  expect(explanationOf({ reason: "x" })).toBeNull();
  expect(explanationOf({ explanation: { rule: "", schedule: null } })).toBeNull();
});
