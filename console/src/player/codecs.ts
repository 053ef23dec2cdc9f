/** What a stream is coded as, and whether this browser can show it. Pure but for asking the browser. */

/** Motion JPEG by RFC 6381: drawn picture by picture, since no browser's player knows it. */
export const JPEG = "mp4v.6C";
/** PCM as it is recorded; the server sends it as FLAC. */
const PLAIN = new Set(["ulaw", "alaw", "twos"]);
const NAMES: Record<string, string> = { avc1: "H.264", avc3: "H.264", hvc1: "H.265", hev1: "H.265", mp4v: "Motion JPEG" };

/** The name that people know: "H.265" for "hvc1.1.6.L93.B0,mp4a.40.2". */
export function pictureName(codecs: string): string {
  const family = codecs.split(/[.,]/)[0] ?? "";
  return NAMES[family] ?? codecs;
}

const SOUNDS: Record<string, string> = { mp4a: "AAC", opus: "Opus", ulaw: "G.711 µ-law", alaw: "G.711 A-law", twos: "L16" };

/** The name of a sound's codec, null where it is none that we take. */
export function soundName(codec: string): string | null {
  return SOUNDS[codec.split(".")[0] ?? ""] ?? null;
}

/** The type of a recording as the server plays it. */
export function recordedType(codecs: string): string {
  const [video = "", audio] = codecs.split(",");
  return `video/mp4; codecs="${audio ? `${video},${PLAIN.has(audio) ? "flac" : audio}` : video}"`;
}

/** What one track of pictures can hold: "avc1" of "avc1.64001f,mp4a.40.2". */
export const family = (codecs: string | undefined): string => (codecs ?? "").split(/[.,]/)[0] ?? "";

/** Whether two pieces of recording can be one film. */
export function sameFamily(one: string | undefined, other: string | undefined): boolean {
  return family(one) === family(other);
}
