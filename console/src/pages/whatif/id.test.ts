import { expect, test } from "vitest";

import { idOf } from "./id";

test.each([
  [{ name: "Main entrance" }, "main-entrance"],
  [{ name: " Ünder 40! " }, "nder-40"],
  [{ name: "x".repeat(80) }, "x".repeat(63)],
  [{ name: `${"x".repeat(62)} y` }, "x".repeat(62)],
  [{ name: "Łß" }, "draft"],
  [{ id: "mine", name: "Other" }, "mine"],
  [{}, "draft"],
])("%j is tried as %s", (body, id) => {
  expect(idOf(body)).toBe(id);
});
