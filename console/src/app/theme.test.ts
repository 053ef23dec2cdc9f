import { readFileSync } from "node:fs";
import { expect, it } from "vitest";

const css = readFileSync(new URL("./theme.css", import.meta.url), "utf8");

function colours(selector: string): Record<string, string> {
  const block = css.slice(css.indexOf(`${selector} {`)).split("}")[0] ?? "";
  return Object.fromEntries(
    [...block.matchAll(/--sw-([a-z-]+): (#[0-9a-f]{6})/g)].map((found): [string, string] => [found[1] ?? "", found[2] ?? ""]),
  );
}

/** Relative luminance and contrast ratio, WCAG 2.2. */
function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const c = parseInt(hex.slice(at, at + 2), 16) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * (r ?? 0) + 0.7152 * (g ?? 0) + 0.0722 * (b ?? 0);
}

function contrast(a: string, b: string): number {
  const [dark = 0, light = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
}

it.each([":root", ':root[data-mantine-color-scheme="dark"]'])("every text of %s can be read, and every edge seen", (selector) => {
  const held = colours(selector);
  const low: string[] = [];
  for (const ground of ["bg", "panel", "raised", "hover", "alarm-bg", "warn-bg"]) {
    for (const text of ["text", "dim", "accent", "alarm", "warn", "notice", "edge"]) {
      const ratio = contrast(held[text] ?? "", held[ground] ?? "");
      if (!(ratio >= (text === "edge" ? 3 : 4.5))) low.push(`${text} on ${ground}: ${ratio.toFixed(2)}`);
    }
  }
  expect(low).toEqual([]);
});
