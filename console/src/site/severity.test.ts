import { expect, it } from "vitest";

import type { Status } from "../api/types";
import { ownerOf, pageOf } from "./kinds";
import { severityOf } from "./severity";

const status = (ref: string, state: string, data: Record<string, unknown> = {}): Status => ({
  ref,
  state,
  detail: "",
  since: 0,
  data,
});

it("takes a camera that somebody holds for normal", () => {
  expect(severityOf(status("camera-hold:gate", "held", { locked: true }))).toBe(0);
  expect(severityOf(status("camera-hold:gate", "free"))).toBe(0);
});

it("takes lost services of a camera for less than a lost picture, and tampering for an alarm", () => {
  expect(severityOf(status("camera:gate", "offline"))).toBe(2);
  expect(severityOf(status("camera-control:gate", "offline"))).toBe(1);
  expect(severityOf(status("camera-control:gate", "online", { tamper: true }))).toBe(3);
  expect(severityOf(status("camera-control:gate", "online", { tamper: false }))).toBe(0);
});

it("leads from a side of a camera to the camera", () => {
  expect(pageOf(ownerOf("camera-control:gate"))).toBe("/cameras/gate");
  expect(ownerOf("door:gate")).toBe("door:gate");
});
