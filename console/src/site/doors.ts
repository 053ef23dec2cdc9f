/** What a door takes in its mode; the same table as the server's, so that a button that would be refused says why beforehand. */
import type { DoorCommand, Status } from "../api/types";
import { field } from "./severity";

/** Commands of a door in the groups in which a person looks for them. */
export const GROUPS: readonly { group: string; commands: readonly DoorCommand[] }[] = [
  { group: "passage", commands: ["release"] },
  { group: "operator", commands: ["lock", "unlock", "block", "double-lock", "normal"] },
  {
    group: "emergency",
    commands: ["lockdown", "release-lockdown", "lock-open", "release-lock-open", "fire-release", "end-fire-release"],
  },
];

/** These change who may pass for longer than one person: they ask for a reason. */
export const ASKS_REASON: ReadonlySet<DoorCommand> = new Set<DoorCommand>([
  "unlock",
  "block",
  "double-lock",
  "lockdown",
  "release-lockdown",
  "lock-open",
  "release-lock-open",
  "fire-release",
  "end-fire-release",
]);

const ENDS: Partial<Record<DoorCommand, string>> = {
  "release-lockdown": "lockdown",
  "release-lock-open": "lock-open",
  "end-fire-release": "fire-release",
};

/** Whether a command is there at all: what ends something is shown only while that holds. */
export function offered(command: DoorCommand, status: Status | undefined): boolean {
  const heldBy = field(status, "held_by");
  const ends = ENDS[command];
  if (ends) return heldBy === ends;
  if (command === "normal") return heldBy === "operator";
  return true;
}

/** What holds the door against a command: "lockdown", "lock-open", "fire-release", "block", or "" where it takes it. */
export function against(command: DoorCommand, status: Status | undefined): string {
  const heldBy = field(status, "held_by");
  if (command === "fire-release" || ENDS[command] === heldBy) return "";
  if (heldBy === "fire-release") return command === "lockdown" ? "" : heldBy;
  if (heldBy === "lockdown" || heldBy === "lock-open") return command === heldBy ? "" : heldBy;
  return command === "release" && field(status, "mode") === "blocked" ? "block" : "";
}
