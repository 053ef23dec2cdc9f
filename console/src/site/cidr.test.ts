import { expect, test } from "vitest";

import { bits, hostOf, inside } from "./cidr";

test.each([
  ["10.1.2.3", "10.1.0.0/16", true],
  ["10.2.0.0", "10.1.0.0/16", false],
  ["10.1.0.5", "10.1.0.5", true],
  ["255.255.255.255", "0.0.0.0/0", true],
  ["192.168.1.129", "192.168.1.128/25", true],
  ["192.168.1.127", "192.168.1.128/25", false],
  ["2001:db8:1::5", "2001:db8:1::/48", true],
  ["2001:db8:2::5", "2001:db8:1::/48", false],
  ["fe80::1%eth0", "fe80::/10", true],
  ["::ffff:10.0.0.1", "::ffff:0:0/96", true],
  ["10.0.0.1", "::/0", false],
  ["camera.site", "0.0.0.0/0", false],
])("%s in %s is %s", (address, cidr, expected) => {
  expect(inside(address, cidr)).toBe(expected);
});

test.each(["", "1.2.3", "1.2.3.256", "1:2:3", "1::2::3", "12345::", "1:2:3:4:5:6:7:8:9", "::1.2.3", "1:2:3:4::5:6:7:8"])(
  "%j is no address",
  (text) => {
    expect(bits(text)).toBeNull();
  },
);

test("the host of a place", () => {
  expect(hostOf("10.1.0.5:554")).toBe("10.1.0.5");
  expect(hostOf("[2001:db8::5]:554")).toBe("2001:db8::5");
  expect(hostOf("")).toBe("");
});
