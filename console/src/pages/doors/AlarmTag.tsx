import type { Status } from "../../api/types";
import { Mark } from "../../parts/Mark";
import { alarmSeverity, doorAlarm } from "../../site/severity";
import { word } from "../../text/t";

/** The alarm of a door in shape, colour and word, `whole` with the source of a fault; nothing where there is none. */
export function AlarmTag({ status, whole = false }: { status: Status | undefined; whole?: boolean }) {
  const alarm = doorAlarm(status);
  if (!alarm) return null;
  const severity = alarmSeverity(alarm);
  const faults = status?.data.faults;
  const sources =
    alarm === "fault" && Array.isArray(faults) ? faults.map((source) => word("fault", String(source))).join(", ") : "";
  return (
    <span
      style={{ color: severity >= 3 ? "var(--sw-alarm)" : "var(--sw-warn)", fontWeight: severity >= 3 ? 600 : undefined }}
      title={sources || undefined}
    >
      <Mark severity={severity} /> {word("alarm", alarm)}
      {whole && sources ? `: ${sources}` : ""}
    </span>
  );
}
