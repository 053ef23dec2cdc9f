const HOUR_MS = 3_600_000;

/** The path of the last hour's recordings, its times to the second, by RFC 3339. */
export function recordedPath(template: string, nowMs: number): string {
  const end = Math.floor(nowMs / 1000) * 1000;
  const shown = (ms: number) => new Date(ms).toISOString().replace(".000Z", "Z");
  return template.replace("{start}", shown(end - HOUR_MS)).replace("{end}", shown(end));
}
