import { expect, it } from "vitest";

import { movedTo, originOn, portOf } from "./origins";

const https = { protocol: "https:", hostname: "site.test", port: "8600" };
const http = { protocol: "http:", hostname: "[::1]", port: "" };

it("knows the port of a page that names none", () => {
  expect(portOf(https)).toBe(8600);
  expect(portOf(http)).toBe(80);
  expect(portOf({ ...https, port: "" })).toBe(443);
});

it("leaves the usual port of the scheme out", () => {
  expect(originOn(https, 8700)).toBe("https://site.test:8700");
  expect(originOn(https, 443)).toBe("https://site.test");
  expect(originOn(https, 8080, true)).toBe("http://site.test:8080");
  expect(originOn(http, 443)).toBe("http://[::1]:443");
});

it("follows only a move of the port that the page came from", () => {
  const kept = (old: unknown, now: unknown, type = "network.port-kept") => ({ type, data: { row: "server", old, new: now } });
  expect(movedTo(https, kept(8600, 8700))).toBe("https://site.test:8700");
  expect(movedTo(https, kept(80, 8080))).toBeNull();
  expect(movedTo(https, kept(8600, 8700, "network.port-changed"))).toBeNull();
  expect(movedTo(https, kept(8600, "8700.evil.test"))).toBeNull();
  expect(movedTo(https, { type: "network.port-kept", data: null })).toBeNull();
});
