/** What every skin promises: that its words can be read, by day and by night. */

import { expect, test } from "vitest";

const styles = import.meta.glob<string>("./*/skin.css", { query: "?raw", import: "default", eager: true });

/** Text and what it lies on, with the contrast that WCAG asks for. */
const PAIRS: readonly (readonly [string, string, number])[] = [
  ["ink", "paper", 4.5],
  ["ink", "card", 4.5],
  ["muted", "paper", 4.5],
  ["muted", "card", 4.5],
  ["on-act", "act", 4.5],
  ["on-sun", "sun", 4.5],
  ["act", "paper", 3],
  ["good", "paper", 3],
  ["edge", "paper", 3],
];

function luminance(colour: string): number {
  const hex = colour.length === 4 ? colour.slice(1).replace(/./g, "$&$&") : colour.slice(1);
  const [red, green, blue] = [0, 2, 4].map((at) => {
    const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

const colours = (rules: string) =>
  Object.fromEntries(
    [...rules.matchAll(/--([a-z-]+):\s*(#[0-9a-f]{3}(?:[0-9a-f]{3})?)\s*;/gi)].map(([, name, value]) => [name, value]),
  );

for (const [file, css] of Object.entries(styles)) {
  const name = file.split("/")[1] as string;
  const [light = "", dark = ""] = [...css.matchAll(/\{([^{}]*--paper[^{}]*)\}/g)].map(([, rules]) => rules as string);
  for (const [scheme, set] of [
    ["light", colours(light)],
    ["dark", { ...colours(light), ...colours(dark) }],
  ] as const)
    test(`${name}, ${scheme}: every pair of text and ground has its contrast`, () => {
      const poor = PAIRS.map(([text, ground, least]) => ({
        text,
        ground,
        least,
        has: contrast(set[text] ?? "", set[ground] ?? ""),
      }));
      expect(poor.filter(({ least, has }) => !(has >= least))).toEqual([]);
    });
  test(`${name} speaks only of its own widgets`, () => {
    const selectors = [...css.replace(/\/\*[\s\S]*?\*\//g, "").matchAll(/(?:^|\})\s*([^{}]+)\{/g)].map(([, selector]) =>
      (selector as string).trim(),
    );
    expect(selectors.filter((selector) => !selector.startsWith(`.pg[data-skin="${name}"]`))).toEqual([]);
  });
}
