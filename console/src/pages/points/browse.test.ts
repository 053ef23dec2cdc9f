import { describe, expect, it } from "vitest";

import { matching, pointsOf, slug } from "./browse";

const found = [
  { label: "line/1 /speed", address: { topic: "line/1", pointer: "/speed" }, value: 3, detail: "" },
  { label: "line/1 /Speed", address: { topic: "line/1", pointer: "/Speed" }, value: true, detail: "" },
  { label: "°", address: { topic: "x" }, value: "warm", detail: "" },
];

describe("points of what was found", () => {
  it("get ids that fit and that nobody has", () => {
    const made = pointsOf(found, "line", new Set(["line-value"]));
    expect(made.map((one) => one.id)).toEqual(["line-line-1-speed", "line-line-1-speed-2", "line-value-2"]);
    expect(made.map((one) => one.type)).toEqual(["number", "boolean", "string"]);
    expect(made[0]?.address).toEqual({ topic: "line/1", pointer: "/speed" });
  });

  it("get ids of at most 63 characters", () => {
    const long = pointsOf([{ label: "a".repeat(200), address: {}, value: 1, detail: "" }], "device", new Set());
    expect(long[0]?.id.length).toBeLessThanOrEqual(63);
  });

  it("come of texts in any script", () => {
    expect(slug("Zulufttemperatur (°C) – Süd")).toBe("zulufttemperatur-c-su-d");
    expect(slug("温度")).toBe("");
  });
});

describe("a search in what was found", () => {
  it("wants every word, in label, address or value", () => {
    expect(matching(found, "LINE speed")).toHaveLength(2);
    expect(matching(found, "warm")).toHaveLength(1);
    expect(matching(found, "line warm")).toHaveLength(0);
    expect(matching(found, "  ")).toHaveLength(3);
  });
});
