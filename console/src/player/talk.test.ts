import { expect, test } from "vitest";

import { MOST, packed, Waiting } from "./talk";

test("samples become 16 bits, little-endian, and are held within their range", () => {
  const bytes = Uint8Array.from(atob(packed(Float32Array.of(0, 1, -1, 0.5, 7, -7))), (one) => one.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  expect([0, 1, 2, 3, 4, 5].map((at) => view.getInt16(at * 2, true))).toEqual([0, 32767, -32767, 16384, 32767, -32767]);
});

test("what waits too long loses its beginning, in order", () => {
  const waiting = new Waiting();
  for (let part = 0; part < 100; part++) waiting.add(new Float32Array(128).fill(part));
  expect(waiting.count).toBeLessThanOrEqual(MOST);
  const taken = waiting.take();
  expect(taken[taken.length - 1]).toBe(99);
  expect(taken[0]).toBe(100 - Math.floor(MOST / 128));
  expect(waiting.count).toBe(0);
});
