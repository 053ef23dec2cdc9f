/** What is normal and what is not. Severity: 0 information, 1 notice, 2 warning, 3 alarm. */
import type { Status } from "../api/types";

export type Severity = 0 | 1 | 2 | 3;

export const SEVERITIES = ["information", "notice", "warning", "alarm"] as const;

export function asSeverity(n: number): Severity {
  return n >= 3 ? 3 : n >= 2 ? 2 : n >= 1 ? 1 : 0;
}

const OF_STATE: Record<string, Severity> = {
  online: 0,
  ok: 0,
  running: 0,
  pending: 1,
  disabled: 0,
  held: 0,
  free: 0,
  degraded: 2,
  offline: 2,
  failed: 3,
};

const OF_ALARM: Record<string, Severity> = {
  "": 0,
  normal: 0,
  none: 0,
  "door-forced-open": 3,
  forced: 3,
  "door-open-too-long": 3,
  held: 3,
  "held-open": 3,
  tamper: 3,
  fault: 2,
  "pre-alarm": 2,
};

/** A word of a status' data, "" when it is absent. */
export function field(status: Status | undefined, name: string): string {
  const value = status?.data[name];
  return typeof value === "string" ? value : "";
}

/** The alarm of a door as one lower-case word with hyphens, "" when there is none. */
export function doorAlarm(status: Status | undefined): string {
  const tamper = field(status, "tamper");
  if (tamper && !["normal", "none", "not-supported", "no-tamper", "not-in-tamper", "unknown"].includes(tamper)) return "tamper";
  if (status?.data.tamper === true) return "tamper";
  const alarm = field(status, "alarm");
  if (alarm && alarm !== "normal" && alarm !== "none") return alarm;
  if (field(status, "fault") === "active") return "fault";
  return status?.data.pre_alarm === true ? "pre-alarm" : "";
}

/** How far from normal an alarm of a door is. */
export function alarmSeverity(alarm: string): Severity {
  return OF_ALARM[alarm] ?? 3;
}

const UNUSUAL_MODES: Record<string, Severity> = {
  blocked: 1,
  "locked-down": 2,
  "locked-open": 1,
  "double-locked": 1,
  unlocked: 1,
};

/** How far from normal an entity is now. */
export function severityOf(status: Status | undefined): Severity {
  if (!status) return 0;
  let worst = OF_STATE[status.state] ?? 1;
  if (status.ref.startsWith("door:")) {
    const alarm = doorAlarm(status);
    if (alarm) worst = Math.max(worst, alarmSeverity(alarm)) as Severity;
    worst = Math.max(worst, UNUSUAL_MODES[field(status, "mode")] ?? 0) as Severity;
  }
  // A camera whose services are lost still shows and records; one that is covered does not see.
  if (status.ref.startsWith("camera-sub:")) worst = Math.min(worst, 1) as Severity;
  if (status.ref.startsWith("camera-control:")) worst = status.data.tamper === true ? 3 : (Math.min(worst, 1) as Severity);
  // A server whose media group another one uses too: an alarm, as its event is.
  if (status.ref.startsWith("node:") && Array.isArray(status.data.collisions) && status.data.collisions.length > 0) worst = 3;
  return worst;
}
