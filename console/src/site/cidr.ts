/** Addresses and networks: which named network a peer stands in. Pure. */

interface Bits {
  value: bigint;
  length: 32 | 128;
}

function four(text: string): bigint | null {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256)) return null;
  return parts.reduce((sum, part) => (sum << 8n) | BigInt(part), 0n);
}

function groups(text: string): string[] | null {
  if (text === "") return [];
  const parts = text.split(":");
  const last = parts.at(-1) ?? "";
  if (last.includes(".")) {
    const tail = four(last);
    if (tail === null) return null;
    parts.splice(-1, 1, (tail >> 16n).toString(16), (tail & 0xffffn).toString(16));
  }
  return parts.every((part) => /^[0-9a-f]{1,4}$/i.test(part)) ? parts : null;
}

/** An IPv4 or IPv6 address (RFC 4291) as a number; null for a name or nonsense. A zone is left away. */
export function bits(address: string): Bits | null {
  const text = address.replace(/%.*$/, "");
  const v4 = four(text);
  if (v4 !== null) return { value: v4, length: 32 };
  const halves = text.split("::");
  if (!text.includes(":") || halves.length > 2) return null;
  const head = groups(halves[0] ?? "");
  const tail = halves.length === 2 ? groups(halves[1] ?? "") : [];
  if (!head || !tail) return null;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return null;
  const all = [...head, ...Array.from({ length: missing }, () => "0"), ...tail];
  return { value: all.reduce((sum, part) => (sum << 16n) | BigInt(`0x${part}`), 0n), length: 128 };
}

/** Whether an address stands in a network such as 10.1.0.0/16. */
export function inside(address: string, cidr: string): boolean {
  const at = cidr.indexOf("/");
  const own = bits(address);
  const base = bits(at < 0 ? cidr : cidr.slice(0, at));
  if (!own || !base || own.length !== base.length) return false;
  const size = at < 0 ? base.length : Number(cidr.slice(at + 1));
  const shift = BigInt(base.length - size);
  return own.value >> shift === base.value >> shift;
}

/** The address of "10.1.0.5:554" or "[2001:db8::5]:554". */
export function hostOf(place: string): string {
  return place.slice(0, Math.max(0, place.lastIndexOf(":"))).replace(/^\[|\]$/g, "");
}
