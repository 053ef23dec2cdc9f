import { useZone } from "../app/session";
import { age } from "../time/age";
import { useNow } from "../time/ticker";
import { stamp } from "../time/zone";

/** A moment in microseconds as clock (in the site's zone) plus age. */
export function Time({ us, short = false }: { us: number; short?: boolean }) {
  const zone = useZone();
  const now = useNow();
  const ms = us / 1000;
  return (
    <time dateTime={new Date(ms).toISOString()} title={`${stamp(ms, zone, 0)} ${zone}`} style={{ whiteSpace: "nowrap" }}>
      {stamp(ms, zone, now)}
      {short ? null : <span className="dim"> · {age(now - ms)}</span>}
    </time>
  );
}

/** How long ago alone. */
export function Age({ us }: { us: number }) {
  const now = useNow();
  return <span style={{ whiteSpace: "nowrap" }}>{age(now - us / 1000)}</span>;
}
