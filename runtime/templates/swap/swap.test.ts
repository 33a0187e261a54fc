// @vitest-environment happy-dom
import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { disposer } from "../../core/disposer";
import { layTable } from "../../core/frame";
import { mount } from "../../core/mount";
import english from "../../core/strings/en.json";
import { finale, furnish, gameOf, PAGE, picture } from "../../core/testing";
import { reader } from "../../core/text";
import type { Options } from "../../core/types";
import { isHome, rules, type Swap } from "./rules";
import strings from "./strings/en.json";
import { view } from "./view";

const start = (options: Options, ratio = 4 / 3, seed = 7) =>
  rules.start({ size: 3, turned: false, shape: "4:3", ...options }, seed, { count: 1, ratio });
const after = (state: Swap, move: Parameters<typeof rules.play>[1]) => rules.play(state, move) as Swap;

test("the short side has as many tiles as asked for, the long side as many as keep them square", () => {
  const shape = (ratio: number) => {
    const { columns, rows } = start({}, ratio);
    return `${columns}x${rows}`;
  };
  expect([4 / 3, 1, 3 / 4, 3 / 2].map(shape)).toEqual(["4x3", "3x3", "3x4", "5x3"]);
});

test("at most a third of the tiles lie at home when it begins", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 31 - 1 }), fc.constantFrom(2, 3, 6), (seed, size) => {
      const { tiles } = start({ size }, 1, seed);
      expect(tiles.filter((tile, cell) => tile === cell).length * 3).toBeLessThanOrEqual(tiles.length);
    }),
  );
});

test("a game by hints takes the least moves that there can be, and is perfect", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 31 - 1 }), fc.boolean(), (seed, turned) => {
      let state = start({ turned }, 1, seed);
      for (let move = rules.hint(state); move; move = rules.hint(state)) state = after(state, move);
      expect(state.moves).toBe(state.least);
      expect(rules.result(state)).toMatchObject({ score: 1000, mistakes: 0 });
    }),
  );
});

test("to take a tile away from home is a mistake, and costs moves", () => {
  const state = { ...start({}, 1), tiles: [0, 2, 1], turns: [0, 0, 0], columns: 3, rows: 1 };
  expect(after(state, { swap: [0, 1] }).mistakes).toBe(1);
  expect(after(state, { swap: [1, 2] }).mistakes).toBe(0);
});

test("four turns bring a tile round, and tiles that are not turned cannot be", () => {
  let state = start({ turned: true }, 1);
  const before = state.turns;
  for (let n = 0; n < 4; n++) state = after(state, { turn: 2 });
  expect(state.turns).toEqual(before);
  expect(rules.play(start({}, 1), { turn: 2 })).toEqual({ refused: "upright" });
});

beforeAll(furnish);

function put(options: Options): HTMLElement {
  const element = document.createElement("main");
  document.body.replaceChildren(element);
  const pictures = [picture()];
  const game = gameOf("swap", { size: 3, turned: false, shape: "4:3", ...options }, pictures);
  const undo = disposer();
  const table = layTable(element, game, PAGE, undo);
  const text = reader({ ...english, ...strings }, "en");
  mount(table, game, { rules, view, css: "", strings }, pictures, text, PAGE, undo, finale);
  element.querySelector<HTMLElement>(".pg-play")?.click();
  return element;
}

const cells = (element: HTMLElement) => [...element.querySelectorAll<HTMLButtonElement>(".swap button")];
const said = (element: HTMLElement) => element.querySelector("[role=status]")?.textContent ?? "";
const press = (key: string) =>
  document.activeElement?.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));

test("a tap picks a tile up, a tap on another swaps the two, and both are told", () => {
  const element = put({});
  const [first, second] = cells(element) as [HTMLButtonElement, HTMLButtonElement];
  const tile = (cell: HTMLElement) => cell.getAttribute("aria-label")?.match(/tile (\d+)/)?.[1];
  const [one, other] = [tile(first), tile(second)];
  first.click();
  expect(first.getAttribute("aria-pressed")).toBe("true");
  expect(said(element)).toBe(strings.picked);
  second.click();
  expect([tile(first), tile(second)]).toEqual([other, one]);
  expect(first.hasAttribute("aria-pressed")).toBe(false);
  expect(said(element)).toContain(`tile ${one}`);
});

test("a second tap puts the tile back where tiles are not turned, and turns it where they are", () => {
  const upright = put({});
  const [first] = cells(upright) as [HTMLButtonElement];
  first.click();
  first.click();
  expect(said(upright)).toBe(strings.put);
  expect(upright.querySelector(".pg-moves")?.textContent).toBe("0 moves");
  const turned = put({ turned: true });
  const [other] = cells(turned) as [HTMLButtonElement];
  other.click();
  expect(turned.querySelector<HTMLElement>(".swap-turn")?.hidden).toBe(false);
  other.click();
  expect(turned.querySelector(".pg-moves")?.textContent).toBe("1 move");
});

test("the keyboard alone finishes a game, by what the tiles say of themselves", () => {
  const element = put({ turned: true });
  const all = cells(element);
  for (const [home, cell] of all.entries()) {
    const from = all.findIndex((one) => one.getAttribute("aria-label")?.includes(`tile ${home + 1},`));
    if (from !== home) {
      all[from]?.focus();
      (document.activeElement as HTMLElement).click();
      cell.focus();
      (document.activeElement as HTMLElement).click();
    }
    cell.focus();
    for (let n = 0; n < 4 && cell.getAttribute("aria-label")?.includes("turned"); n++) press("r");
    expect(cell.getAttribute("aria-label")).toContain(strings.home);
  }
  expect(said(element)).toContain(strings.home);
  expect(element.querySelectorAll(".swap-home")).toHaveLength(12);
});

test("a cell is home only with its own tile, upright", () => {
  expect(isHome({ tiles: [1, 0], turns: [0, 0] }, 0)).toBe(false);
  expect(isHome({ tiles: [0, 1], turns: [1, 0] }, 0)).toBe(false);
  expect(isHome({ tiles: [0, 1], turns: [1, 0] }, 1)).toBe(true);
});

test("a finger that taps is answered when it is up: no click need follow, and one that does changes nothing", () => {
  const element = put({});
  const [cell] = cells(element);
  const point = (type: string) =>
    cell?.dispatchEvent(new PointerEvent(type, { isPrimary: true, button: 0, bubbles: true, pointerId: 1 }));
  point("pointerdown");
  point("pointerup");
  expect(cell?.getAttribute("aria-pressed")).toBe("true");
  cell?.dispatchEvent(new MouseEvent("click", { bubbles: true, detail: 1 }));
  expect(cell?.getAttribute("aria-pressed")).toBe("true");
  cell?.click();
  expect(cell?.getAttribute("aria-pressed")).toBeNull();
});
