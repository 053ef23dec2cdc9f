import { expect, it } from "vitest";

import { IntlMessageFormat } from "intl-messageformat";

import { en } from "./en";
import { common } from "./en/common";
import { entities } from "./en/entities";
import { controllers } from "./en/controllers";
import { pages } from "./en/pages";
import { servers } from "./en/servers";
import { video } from "./en/video";
import { t, word } from "./t";

it("has every key once, and only well-formed messages", () => {
  const keys = [common, controllers, entities, pages, servers, video].flatMap((part) => Object.keys(part));
  expect(new Set(keys).size).toBe(keys.length);
  for (const text of Object.values(en)) expect(() => new IntlMessageFormat(text, "en")).not.toThrow();
});

it("fills in arguments and chooses plurals", () => {
  expect(t("alarms.label", { alarms: 1, warnings: 0 })).toBe("1 alarm and 0 warnings");
  expect(t("command.done", { command: "Lock", door: "Main", time: "10:00:00" })).toBe("Lock: Main has done it at 10:00:00.");
});

it("lets a word that the server made up stand as itself", () => {
  expect(word("mode", "locked-down")).toBe("Locked down");
  expect(word("mode", "sideways")).toBe("sideways");
});
