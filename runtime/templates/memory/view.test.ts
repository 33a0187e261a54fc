// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Disposer, disposer } from "../../core/disposer";
import { type Round, startRound } from "../../core/round";
import core from "../../core/strings/en.json";
import { reader } from "../../core/text";
import type { Game, LoadedPicture } from "../../core/types";
import { columnsFor } from "./layout";
import { rules } from "./rules";
import strings from "./strings/en.json";
import { view } from "./view";

const SEED = 271828;
const ALTS = ["Grandma laughing.", "A tabby cat", "", "A tabby cat"];
const SPOKEN = ["Grandma laughing", "A tabby cat, picture 2", "Picture 3", "A tabby cat, picture 4"];
const { cards } = rules.start({ pairs: 0 }, SEED, { count: 4, ratio: 1 });

let undo: Disposer;
let root: HTMLElement;
let round: Round;
let said: string[];
let won: boolean;

beforeEach(() => {
  undo = disposer();
  root = document.createElement("div");
  document.body.append(root);
  said = [];
  won = false;
  round = startRound(
    {
      root,
      game: { options: { pairs: 0 } } as unknown as Game,
      pictures: ALTS.map(
        (alt, n) =>
          ({
            slot: "pictures",
            alt,
            width: 640,
            height: 640,
            image: Object.assign(document.createElement("img"), { src: `https://b.example/m/${n}.avif` }),
          }) as unknown as LoadedPicture,
      ),
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
});
afterEach(() => {
  undo.dispose();
  root.remove();
});

const cells = (): HTMLButtonElement[] => [...root.querySelectorAll<HTMLButtonElement>("[role=gridcell] > button")];
const nameOf = (card: number): string => cells()[card]?.getAttribute("aria-label") ?? "";
const placesOf = (picture: number): [number, number] => [cards.indexOf(picture), cards.lastIndexOf(picture)];
const turn = (card: number, detail = 1): unknown =>
  cells()[card]?.dispatchEvent(new MouseEvent("click", { bubbles: true, detail }));
const columns = (): number => root.querySelector("[role=row]")?.children.length ?? 0;
const place = (card: number): string => `row ${Math.floor(card / columns()) + 1}, column ${(card % columns()) + 1}`;

describe("face-down cards", () => {
  test("say where they lie and nothing of what they show, anywhere in the document", () => {
    cells().forEach((_, card) => {
      expect(nameOf(card)).toBe(`Card, ${place(card)}, face down`);
    });
    for (const word of ["Grandma", "cat", "Picture"]) expect(root.outerHTML).not.toContain(word);
    expect(root.querySelectorAll("img,[alt],[title]")).toHaveLength(0);
  });

  test("are told apart by nothing in their markup, not even once other cards were turned and closed", () => {
    turn(placesOf(0)[0]);
    turn(placesOf(1)[0]);
    turn(placesOf(1)[0]);
    for (const word of ["Grandma", "cat", "Picture"]) expect(root.outerHTML).not.toContain(word);
    const markup = cells().map(({ outerHTML }, card) =>
      outerHTML.replace(place(card), "").replace(/tabindex="\S+"/, ""),
    );
    const untouched = markup.filter((_, card) => card !== placesOf(0)[0] && card !== placesOf(1)[0]);
    expect(new Set(untouched).size).toBe(1);
  });
});

describe("a turn", () => {
  test("names the card and says what it shows", () => {
    const [card] = placesOf(0);
    turn(card);
    expect(nameOf(card)).toBe(`Grandma laughing, ${place(card)}`);
    expect(said).toEqual(["You turned Grandma laughing."]);
  });

  test("says that two unlike cards are no pair, and leaves both named until the next turn", () => {
    const [first, second, third] = [placesOf(0)[0], placesOf(1)[0], placesOf(2)[0]];
    turn(first);
    turn(second);
    expect(said.at(-1)).toBe("You turned A tabby cat, picture 2. Not a pair.");
    expect([nameOf(first), nameOf(second)].join()).toContain("Grandma laughing");
    turn(third);
    expect(nameOf(first)).toBe(`Card, ${place(first)}, face down`);
    expect(nameOf(second)).toBe(`Card, ${place(second)}, face down`);
    expect(said.at(-1)).toBe("You turned Picture 3.");
  });

  test("says that two alike are a pair, and keeps their names", () => {
    const [first, second] = placesOf(3);
    turn(first);
    turn(second);
    expect(said.at(-1)).toBe("You turned A tabby cat, picture 4. A pair!");
    expect(nameOf(first)).toBe(`A tabby cat, picture 4, ${place(first)}, pair found`);
    turn(first);
    expect(said.at(-1)).toBe("This card lies open already.");
  });

  test("of an open odd card turns both down, but the second half of a double click does not", () => {
    const [first, second] = [placesOf(0)[0], placesOf(1)[0]];
    turn(first);
    turn(second);
    turn(second, 2);
    expect(nameOf(second)).toContain("tabby");
    turn(second);
    expect(nameOf(second)).toContain("face down");
    expect(said.at(-1)).toBe("Both cards lie face down again.");
    expect(round.result().moves).toBe(1);
  });

  test("by turn of every pair wins the game", () => {
    for (const picture of [0, 1, 2, 3]) for (const card of placesOf(picture)) turn(card);
    expect(won).toBe(true);
    expect(round.result()).toMatchObject({ finished: true, moves: 4, mistakes: 0, difficulty: "4" });
  });
});

test("pictures without words of their own are told apart by number", () => {
  SPOKEN.forEach((spoken, picture) => {
    turn(placesOf(picture)[0]);
    expect(said.at(-1)?.startsWith(`You turned ${spoken}.`)).toBe(true);
  });
});

test("a hint leads the keyboard to the card that it turned", () => {
  round.focus();
  round.hint();
  round.focus();
  expect(document.activeElement?.getAttribute("aria-label")).not.toContain("face down");
});

describe("the layout", () => {
  test("gives 24 cards a side of 47 px, of which two are rim, on the table of a frame of 300 by 300 px", () => {
    const { columns, side } = columnsFor(24, 284, 242);
    expect(side).toBeGreaterThanOrEqual(47);
    expect(columns * side).toBeLessThanOrEqual(284);
    expect(Math.ceil(24 / columns) * side).toBeLessThanOrEqual(242);
  });

  test("keeps every number of cards inside any table, and prefers full rows to a little more size", () => {
    for (let pairs = 3; pairs <= 12; pairs++)
      for (const [wide, high] of [
        [284, 242],
        [344, 580],
        [1264, 742],
        [100, 900],
      ] as const) {
        const { columns, side } = columnsFor(2 * pairs, wide, high);
        expect(columns * side).toBeLessThanOrEqual(wide);
        expect(Math.ceil((2 * pairs) / columns) * side).toBeLessThanOrEqual(high);
      }
    expect(columnsFor(12, 640, 480)).toEqual({ columns: 4, side: 160 });
    expect(columnsFor(24, 300, 256).columns).toBe(6);
  });
});
