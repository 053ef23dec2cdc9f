import { expect, it } from "vitest";

import type { StoredEvent } from "../api/types";
import { merge } from "./events";

const event = (seq: number): StoredEvent => ({ seq }) as StoredEvent;
const seqs = (events: StoredEvent[]): number[] => events.map((e) => e.seq);

it("puts the newest first and drops the oldest over the limit", () => {
  expect(seqs(merge([event(3), event(2), event(1)], [event(4), event(5)], 4))).toEqual([5, 4, 3, 2]);
});

it("drops repeats and mends the order when the server delivers again", () => {
  expect(seqs(merge([event(5), event(3)], [event(3), event(4), event(5)], 10))).toEqual([5, 4, 3]);
});
