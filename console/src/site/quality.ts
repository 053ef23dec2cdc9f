/** Quality of a value: OPC UA StatusCodes (OPC 10000-4, clause 7.39); the two top bits tell Good, Uncertain, Bad. */

const NAMES: Record<number, string> = {
  0x00000000: "good",
  0x40000000: "uncertain",
  0x40900000: "uncertain-last-known-value",
  0x80000000: "bad",
  0x80050000: "bad-communication-error",
  0x80890000: "bad-configuration-error",
  0x808a0000: "bad-not-connected",
  0x808b0000: "bad-device-failure",
  0x808c0000: "bad-sensor-failure",
  0x808d0000: "bad-out-of-service",
  0x80310000: "bad-no-communication",
};

export type Grade = "good" | "uncertain" | "bad";

export function grade(code: number): Grade {
  const top = code >>> 30;
  return top === 0 ? "good" : top === 1 ? "uncertain" : "bad";
}

/** The name of a code in the catalogue's words, or of its grade when the code is not known. */
export function qualityName(code: number): string {
  return NAMES[(code & 0xffff0000) >>> 0] ?? grade(code);
}
