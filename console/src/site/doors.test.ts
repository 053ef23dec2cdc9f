import { expect, it } from "vitest";

import type { DoorCommand, Status } from "../api/types";
import { against, offered } from "./doors";
import { doorAlarm, severityOf } from "./severity";

const status = (data: Record<string, unknown>): Status => ({ ref: "door:a", state: "online", detail: "", since: 1, data });

it.each<[string, string, DoorCommand, string]>([
  ["locked", "", "release", ""],
  ["blocked", "operator", "release", "block"],
  ["blocked", "operator", "unlock", ""],
  ["locked-down", "lockdown", "unlock", "lockdown"],
  ["locked-down", "lockdown", "release-lockdown", ""],
  ["locked-down", "lockdown", "fire-release", ""],
  ["locked-open", "lock-open", "lockdown", "lock-open"],
  ["locked-open", "fire-release", "lockdown", ""],
  ["locked-open", "fire-release", "lock", "fire-release"],
])("%s by %s against %s: %s", (mode, held_by, command, expected) => {
  expect(against(command, status({ mode, held_by }))).toBe(expected);
});

it("offers what ends something only while that holds", () => {
  expect(offered("release-lockdown", status({ held_by: "lockdown" }))).toBe(true);
  expect(offered("release-lockdown", status({ held_by: "lock-open" }))).toBe(false);
  expect(offered("normal", status({ held_by: "" }))).toBe(false);
});

it("ranks tamper over forced over a fault over a pre-alarm", () => {
  expect(doorAlarm(status({ tamper: "active", alarm: "door-forced-open" }))).toBe("tamper");
  expect(doorAlarm(status({ alarm: "door-forced-open", fault: "active" }))).toBe("door-forced-open");
  expect(doorAlarm(status({ alarm: "normal", fault: "active", pre_alarm: true }))).toBe("fault");
  expect(severityOf(status({ alarm: "normal", pre_alarm: true }))).toBe(2);
});
