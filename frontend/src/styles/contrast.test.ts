import { expect, it } from "vitest";
import css from "./base.css?raw";

const [light = "", dark = ""] = css.split("@media (prefers-color-scheme: dark)");

function colours(block: string): Record<string, string> {
  return Object.fromEntries(
    [...block.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map(([, name, value]) => [name, value]),
  );
}

/** Relative luminance of "#rrggbb" (WCAG 2.2). */
function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const channel = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(one: string, other: string): number {
  const [low = 0, high = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

const PAIRS = [
  ...["ink", "muted", "accent", "danger"].flatMap((text) => [
    [text, "paper"],
    [text, "surface"],
    [text, "accent-soft"],
  ]),
  ["muted", "line"],
  ["on-accent", "accent"],
  ["on-accent", "danger"],
  ["ink", "danger-soft"],
  ["danger", "danger-soft"],
  ["caution", "caution-soft"],
  ["caution", "surface"],
  ["on-mark", "mark"],
  ["added", "added-soft"],
] as [string, string][];

it.each([
  ["light", colours(light)],
  ["dark", colours(dark)],
])("text has a contrast of 4.5:1 in the %s scheme", (_, palette) => {
  for (const [text, ground] of PAIRS) {
    expect(contrast(palette[text] as string, palette[ground] as string), `${text} on ${ground}`).toBeGreaterThanOrEqual(
      4.5,
    );
  }
});

/** What is no text but has to be seen: how far a bar is, the edge of the field for files. */
const SHAPES = [
  ["accent", "line"],
  ["line-strong", "surface"],
  ["caution", "surface"],
  ["mark-edge", "surface"],
] as [string, string][];

it.each([
  ["light", colours(light)],
  ["dark", colours(dark)],
])("shapes have a contrast of 3:1 in the %s scheme", (_, palette) => {
  for (const [shape, ground] of SHAPES) {
    expect(contrast(palette[shape] as string, palette[ground] as string), `${shape} on ${ground}`).toBeGreaterThanOrEqual(3);
  }
});
