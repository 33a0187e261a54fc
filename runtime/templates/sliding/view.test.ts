// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Disposer, disposer } from "../../core/disposer";
import { type Round, startRound } from "../../core/round";
import core from "../../core/strings/en.json";
import { reader } from "../../core/text";
import type { Game, LoadedPicture } from "../../core/types";
import { gapOf, rules, type Sliding } from "./rules";
import strings from "./strings/en.json";
import { view } from "./view";

const SEED = 271828;
const picture = { slot: "picture", alt: "A cat", width: 1200, height: 900, colours: [], sources: [] };

let undo: Disposer;
let root: HTMLElement;
let round: Round;
let said: string[];
let won: boolean;

function deal(options: Record<string, number | boolean | string>): void {
  undo = disposer();
  root = document.createElement("div");
  document.body.append(root);
  said = [];
  won = false;
  round = startRound(
    {
      root,
      game: { options } as unknown as Game,
      pictures: [{ ...picture, image: document.createElement("img") } as LoadedPicture],
      text: reader({ ...core, ...strings }, "en"),
      motion: true,
      say: (sentence) => said.push(sentence),
      sound: () => undefined,
      changed: () => undefined,
      won: () => {
        won = true;
      },
    },
    { rules, view, css: "", strings },
    SEED,
    undo,
  );
}

const cells = (): HTMLButtonElement[] => [...root.querySelectorAll<HTMLButtonElement>("[role=gridcell] > button")];
const names = (): (string | null)[] => cells().map((cell) => cell.getAttribute("aria-label"));
const gap = (): number => names().findIndex((name) => name?.startsWith("Gap"));
const press = (key: string, ctrlKey = false): boolean =>
  (document.activeElement as HTMLElement).dispatchEvent(
    new KeyboardEvent("keydown", { key, ctrlKey, bubbles: true, cancelable: true }),
  );

beforeEach(() => deal({ size: 3, shape: "4:3", numbers: false }));
afterEach(() => {
  undo.dispose();
  root.remove();
});

describe("the sliding board", () => {
  test("names every tile, where it is and where it belongs, and the gap", () => {
    const { tiles } = rules.start({ size: 3 }, SEED, { count: 1, ratio: 1 });
    tiles.slice(0, -1).forEach((tile, cell) => {
      const here = `Tile ${tile + 1}, row ${Math.floor(cell / 3) + 1}, column ${(cell % 3) + 1}`;
      const home = `belongs in row ${Math.floor(tile / 3) + 1}, column ${(tile % 3) + 1}`;
      expect(names()[cell]).toBe(tile === cell ? `${here}, in its place` : `${here}, ${home}`);
    });
    expect(names()[8]).toBe("Gap, row 3, column 3");
    expect(root.querySelector("[role=grid]")?.getAttribute("aria-label")).toContain("3 by 3");
    expect(root.querySelectorAll("[role=row]")).toHaveLength(3);
  });

  test("paints its tiles out of reach of the accessibility tree", () => {
    const painted = root.querySelector(".tiles") as HTMLElement;
    expect(painted.getAttribute("aria-hidden")).toBe("true");
    expect(painted.querySelectorAll("canvas")).toHaveLength(9);
    expect(root.querySelectorAll("canvas")).toHaveLength(9);
    expect(root.querySelector("img")).toBeNull();
  });

  test("shows numbers when the creator wants them", () => {
    expect(root.querySelector("b")).toBeNull();
    undo.dispose();
    deal({ size: 4, shape: "1:1", numbers: true });
    expect([...root.querySelectorAll("b")].map((b) => b.textContent)).toEqual(
      Array.from({ length: 15 }, (_, tile) => String(tile + 1)),
    );
  });

  test("slides a tapped tile and says where it came to", () => {
    cells()[5]?.click();
    expect(gap()).toBe(5);
    expect(round.result().moves).toBe(1);
    expect(said.at(-1)).toBe(names()[8]?.concat(said.at(-1)?.endsWith(".") ? "." : ""));
  });

  test("pushes a whole row and says how many tiles slid", () => {
    cells()[6]?.click();
    expect(gap()).toBe(6);
    expect(said.at(-1)).toBe("2 tiles slid.");
    expect(round.result().moves).toBe(1);
  });

  test("says why a tile off the gap's row and column stays, and counts nothing", () => {
    cells()[0]?.click();
    expect(gap()).toBe(8);
    expect(said).toEqual(["Only tiles in the row or column of the gap can slide."]);
    expect(round.result().moves).toBe(0);
  });

  test("lets a finger scroll the page from a tile that cannot move", () => {
    expect(cells().map(({ style }) => style.touchAction)).toEqual([
      ...["", "", "pan-x"],
      ...["", "", "pan-x"],
      ...["pan-y", "pan-y", ""],
    ]);
  });
});

describe("the keyboard", () => {
  beforeEach(() => round.focus());

  test("comes to the gap first, by one Tab stop", () => {
    expect(document.activeElement).toBe(cells()[8]);
    expect(cells().filter(({ tabIndex }) => tabIndex === 0)).toEqual([cells()[8]]);
  });

  test("takes the gap along with the arrow keys", () => {
    press("ArrowUp");
    press("ArrowLeft");
    expect(gap()).toBe(4);
    expect(document.activeElement).toBe(cells()[4]);
    expect(round.result().moves).toBe(2);
  });

  test("leaves the gap with Home, End and Ctrl, walks without sliding, and Enter's click slides", () => {
    press("Home");
    expect(document.activeElement).toBe(cells()[6]);
    press("ArrowUp");
    expect(document.activeElement).toBe(cells()[3]);
    press("Home", true);
    expect(document.activeElement).toBe(cells()[0]);
    press("End", true);
    press("ArrowUp", true);
    expect(document.activeElement).toBe(cells()[5]);
    expect([gap(), round.result().moves]).toEqual([8, 0]);
    (document.activeElement as HTMLButtonElement).click();
    expect([gap(), round.result().moves]).toEqual([5, 1]);
    expect(document.activeElement).toBe(cells()[5]);
  });

  test("is not held at the rim, and keys with other modifiers are the browser's", () => {
    expect(press("ArrowDown")).toBe(false);
    expect(document.activeElement).toBe(cells()[8]);
    expect(round.result().moves).toBe(0);
    expect(press("Tab")).toBe(true);
  });

  test("finishes the game with arrow keys alone, and then the picture is whole", () => {
    let state: Sliding = rules.start({ size: 3 }, SEED, { count: 1, ratio: 1 });
    for (let move = rules.hint(state); move; move = rules.hint(state)) {
      const step = move.cell - gapOf(state.tiles);
      press(step === 1 ? "ArrowRight" : step === -1 ? "ArrowLeft" : step === 3 ? "ArrowDown" : "ArrowUp");
      state = rules.play(state, move) as Sliding;
    }
    expect(won).toBe(true);
    expect(gap()).toBe(-1);
    expect(root.querySelector(".sliding")?.classList.contains("whole")).toBe(true);
    expect(names()[8]).toBe("Tile 9, row 3, column 3, in its place");
  });
});

describe("a drag", () => {
  function drag(cell: number, x: number, y: number, end = "pointerup"): void {
    const button = cells()[cell] as HTMLButtonElement;
    Object.defineProperties(button, { offsetWidth: { value: 100 }, offsetHeight: { value: 80 } });
    button.setPointerCapture = () => undefined;
    const at = (type: string, clientX: number, clientY: number) =>
      button.dispatchEvent(
        new PointerEvent(type, { clientX, clientY, isPrimary: true, button: 0, bubbles: true, pointerId: 1 }),
      );
    at("pointerdown", 50, 40);
    at("pointermove", 50 + x / 2, 40 + y / 2);
    at("pointermove", 50 + x, 40 + y);
    at(end, 50 + x, 40 + y);
    if (end === "pointerup") button.dispatchEvent(new MouseEvent("click", { bubbles: true, detail: 1 }));
  }

  test("beyond a quarter of the way slides the tile once", () => {
    drag(5, 0, 24);
    expect([gap(), round.result().moves]).toEqual([5, 1]);
    expect(said).toHaveLength(1);
  });

  test("carries the tiles between along, and no further than the gap", () => {
    drag(6, 900, 0);
    expect([gap(), round.result().moves]).toEqual([6, 1]);
  });

  test("short of that, away from the gap, across the way, or taken over by the browser lets the tile fall back", () => {
    drag(5, 0, 18);
    drag(5, 0, -70);
    drag(7, 60, 0, "pointercancel");
    expect([gap(), round.result().moves, said]).toEqual([8, 0, []]);
    for (const tile of root.querySelectorAll<HTMLElement>(".tile")) expect(tile.style.translate).toBe("");
  });

  test("takes nothing from the keyboard, which may follow at once", () => {
    drag(5, 0, 24);
    cells()[8]?.click();
    expect([gap(), round.result().moves]).toEqual([8, 2]);
  });

  test("that only trembled is a tap", () => {
    drag(5, 5, 5);
    expect([gap(), round.result().moves]).toEqual([5, 1]);
  });
});
