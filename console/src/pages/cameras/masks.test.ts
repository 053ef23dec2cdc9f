import { describe, expect, it } from "vitest";

import { between, fit, parameter } from "./masks";

describe("masks", () => {
  it("are the rectangle between two points, whichever comes first", () => {
    const mask = { camera: "yard", left: 10, top: 20, width: 30.1, height: 5 };
    expect(between("yard", { x: 10, y: 20 }, { x: 40.12, y: 25 })).toEqual(mask);
    expect(between("yard", { x: 40.12, y: 25 }, { x: 10, y: 20 })).toEqual(mask);
  });
  it("stay within the picture", () => {
    expect(between("yard", { x: -20, y: 90 }, { x: 10, y: 130 })).toEqual({
      camera: "yard",
      left: 0,
      top: 90,
      width: 10,
      height: 10,
    });
    expect(fit({ camera: "yard", left: 98, top: 0, width: 50, height: 300 })).toEqual({
      camera: "yard",
      left: 98,
      top: 0,
      width: 2,
      height: 100,
    });
  });
  it("are none where somebody only clicked", () => {
    expect(between("yard", { x: 10, y: 20 }, { x: 10.2, y: 60 })).toBeNull();
  });
  it("are told to the server in percent", () => {
    expect(parameter({ camera: "yard", left: 10, top: 20.5, width: 30, height: 5 })).toBe("yard:10:20.5:30:5");
  });
});
