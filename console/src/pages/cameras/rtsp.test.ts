import { expect, test } from "vitest";

import { recordedPath } from "./rtsp";

test("the address of recordings names the last hour", () => {
  const path = recordedPath("/cameras/lobby/recorded?start={start}&end={end}", Date.UTC(2025, 10, 21, 4, 40, 0, 777));
  expect(path).toBe("/cameras/lobby/recorded?start=2025-11-21T03:40:00Z&end=2025-11-21T04:40:00Z");
});
