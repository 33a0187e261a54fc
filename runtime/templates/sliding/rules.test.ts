import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Refusal } from "../../core/types";
import { gapOf, isWhole, rules, type Slide, type Sliding, stepTo } from "./rules";

const pictures = { count: 1, ratio: 1 };
/** Large boards are rarer, since they take longest. */
const sizes = fc.constantFrom(3, 3, 3, 4, 4, 5);
const seeds = fc.integer({ min: 0, max: 2 ** 31 - 1 });
const start = (size: number, seed: number): Sliding =>
  rules.start({ size, shape: "1:1", numbers: false }, seed, pictures);

function played(state: Sliding, move: Slide): Sliding {
  const next = rules.play(state, move);
  if ("refused" in next) throw new Error(`refused: ${next.refused}`);
  return next;
}

/** The textbook's test, which the rules do not use: inversions, and the row of the gap where the board is even. */
function canBeSolved({ size, tiles }: Sliding): boolean {
  const order = tiles.filter((tile) => tile !== tiles.length - 1);
  let inversions = 0;
  for (let i = 0; i < order.length; i++)
    for (let j = i + 1; j < order.length; j++) if ((order[i] as number) > (order[j] as number)) inversions++;
  const rowFromBelow = size - Math.floor(gapOf(tiles) / size);
  return size % 2 === 1 ? inversions % 2 === 0 : (inversions + rowFromBelow) % 2 === 1;
}

/** Every arrangement that can be reached is as likely as any other: a shuffle with the gap wherever it falls, then parity mended. */
const anywhere = fc
  .tuple(sizes, fc.infiniteStream(fc.nat()))
  .map(([size, stream]) => {
    const tiles = Array.from({ length: size * size }, (_, cell) => cell);
    for (let last = tiles.length - 1; last > 0; last--) {
      const other = (stream.next().value as number) % (last + 1);
      [tiles[last], tiles[other]] = [tiles[other] as number, tiles[last] as number];
    }
    const state: Sliding = { size, tiles, moves: 0 };
    if (canBeSolved(state)) return state;
    const [a, b] = tiles.map((_, cell) => cell).filter((cell) => cell !== gapOf(tiles)) as [number, number];
    [tiles[a], tiles[b]] = [tiles[b] as number, tiles[a] as number];
    return state;
  })
  .filter(({ tiles }) => !isWhole(tiles));

/** More slides than the hint needs: the worst of 2,000 shuffles of each size took 52, 134 and 284. */
const bound = (size: number): number => ({ 3: 80, 4: 200, 5: 400 })[size] as number;

describe("the start", () => {
  test("can always be solved, is never solved already, and has every tile once and the gap at home", () => {
    fc.assert(
      fc.property(sizes, seeds, (size, seed) => {
        const { tiles } = start(size, seed);
        expect(canBeSolved(start(size, seed))).toBe(true);
        expect(isWhole(tiles)).toBe(false);
        expect([...tiles].sort((a, b) => a - b)).toEqual(Array.from({ length: size * size }, (_, cell) => cell));
        expect(tiles.at(-1)).toBe(size * size - 1);
      }),
      { numRuns: 2400 },
    );
  });

  test("is decided by the seed", () => {
    expect(start(4, 271828)).toEqual(start(4, 271828));
    expect(start(4, 271828).tiles).not.toEqual(start(4, 271829).tiles);
  });

  test("reaches all arrangements of the smallest corner of chance: no tile favours a cell", () => {
    const counts = Array.from({ length: 8 }, () => 0);
    for (let seed = 0; seed < 4000; seed++) {
      const cell = start(3, seed).tiles.indexOf(0);
      counts[cell] = (counts[cell] as number) + 1;
    }
    for (const count of counts) expect(Math.abs(count - 500)).toBeLessThan(100);
  });
});

describe("a slide", () => {
  test("moves the tile beside the gap into it", () => {
    const state: Sliding = { size: 3, tiles: [0, 1, 2, 3, 4, 5, 6, 8, 7], moves: 0 };
    expect(played(state, { cell: 4 }).tiles).toEqual([0, 1, 2, 3, 8, 5, 6, 4, 7]);
  });

  test("pushes the whole row up to the gap, and that is one move", () => {
    const state: Sliding = { size: 3, tiles: [0, 1, 2, 3, 4, 5, 6, 7, 8], moves: 4 };
    const shifted: Sliding = { ...state, tiles: [0, 1, 2, 8, 4, 5, 3, 6, 7] };
    const next = played(shifted, { cell: 5 });
    expect(next.tiles).toEqual([0, 1, 2, 4, 5, 8, 3, 6, 7]);
    expect(next.moves).toBe(5);
  });

  test("pushes a whole column", () => {
    const state: Sliding = { size: 3, tiles: [8, 1, 2, 0, 4, 5, 3, 7, 6], moves: 0 };
    expect(played(state, { cell: 6 }).tiles).toEqual([0, 1, 2, 3, 4, 5, 8, 7, 6]);
  });

  test("is taken back by sliding towards where the gap was", () => {
    fc.assert(
      fc.property(anywhere, fc.nat(), (state, pick) => {
        const gap = gapOf(state.tiles);
        const cells = state.tiles.map((_, cell) => cell).filter((cell) => stepTo(state.size, gap, cell) !== 0);
        const cell = cells[pick % cells.length] as number;
        const after = played(state, { cell });
        fc.pre(!isWhole(after.tiles));
        expect(played(after, { cell: gap }).tiles).toEqual(state.tiles);
      }),
    );
  });

  test("is refused off the gap's row and column, on the gap, and where no cell is", () => {
    fc.assert(
      fc.property(anywhere, fc.oneof(fc.integer({ min: -40, max: 40 }), fc.double()), (state, cell) => {
        const gap = gapOf(state.tiles);
        const inside = Number.isInteger(cell) && cell >= 0 && cell < state.tiles.length;
        const inLine =
          inside &&
          cell !== gap &&
          (cell % state.size === gap % state.size || Math.floor(cell / state.size) === Math.floor(gap / state.size));
        const next = rules.play(state, { cell });
        expect("refused" in next).toBe(!inLine);
        if (!inLine) expect((next as Refusal).refused).toBe("blocked");
      }),
      { numRuns: 1000 },
    );
  });

  test("leaves the state that it was given as it was", () => {
    fc.assert(
      fc.property(anywhere, fc.nat({ max: 24 }), (state, cell) => {
        const before = structuredClone(state);
        rules.play(Object.freeze({ ...state, tiles: Object.freeze(state.tiles) }) as Sliding, { cell });
        expect(state).toEqual(before);
      }),
    );
  });

  test("is refused when the picture is whole", () => {
    const whole: Sliding = { size: 3, tiles: [0, 1, 2, 3, 4, 5, 6, 7, 8], moves: 9 };
    expect(rules.play(whole, { cell: 7 })).toEqual({ refused: "whole" });
    expect(rules.hint(whole)).toBeNull();
  });
});

describe("the hint", () => {
  test("played again and again makes the picture whole from any arrangement, within a bound", () => {
    fc.assert(
      fc.property(anywhere, (state) => {
        let now = state;
        for (let move = rules.hint(now); move; move = rules.hint(now)) {
          now = played(now, move);
          if (now.moves > bound(now.size)) throw new Error(`no end in sight: ${state.tiles}`);
        }
        expect(isWhole(now.tiles)).toBe(true);
        expect(rules.result(now).finished).toBe(true);
      }),
      { numRuns: 240 },
    );
  }, 60_000);

  test("needs no memory: it helps after any stray slide of the player", () => {
    fc.assert(
      fc.property(sizes, seeds, fc.array(fc.nat(), { maxLength: 40 }), (size, seed, strays) => {
        let now = start(size, seed);
        for (const stray of strays) {
          const gap = gapOf(now.tiles);
          const cells = now.tiles.map((_, cell) => cell).filter((cell) => stepTo(size, gap, cell) !== 0);
          now = played(now, { cell: cells[stray % cells.length] as number });
          const move = rules.hint(now);
          if (!move) return;
          now = played(now, move);
        }
        const from = now.moves;
        for (let move = rules.hint(now); move; move = rules.hint(now)) now = played(now, move);
        expect(now.moves - from).toBeLessThanOrEqual(bound(size));
      }),
      { numRuns: 40 },
    );
  }, 60_000);
});

describe("a game", () => {
  test("is replayed exactly by its move log, through JSON", () => {
    fc.assert(
      fc.property(sizes, seeds, fc.array(fc.nat({ max: 24 }), { maxLength: 60 }), (size, seed, cells) => {
        const log: Slide[] = [];
        let now = start(size, seed);
        for (const cell of cells) {
          const next = rules.play(now, { cell });
          if ("refused" in next) continue;
          log.push({ cell });
          now = next;
        }
        let again = start(size, seed);
        for (const move of JSON.parse(JSON.stringify(log)) as Slide[])
          again = played(JSON.parse(JSON.stringify(again)) as Sliding, move);
        expect(again).toEqual(now);
      }),
    );
  });

  test("counts slides, names its size, and gives full marks up to par and fewer beyond it", () => {
    const near: Sliding = { size: 3, tiles: [0, 1, 2, 3, 4, 5, 6, 8, 7], moves: 1 };
    expect(rules.result(near)).toMatchObject({
      finished: false,
      score: 1000,
      done: 7 / 8,
      difficulty: "3x3",
      mistakes: 0,
    });
    expect(rules.result(played(near, { cell: 8 }))).toMatchObject({ finished: true, score: 1000, done: 1, moves: 2 });
    expect(rules.result(played({ ...near, moves: 31 }, { cell: 8 }))).toMatchObject({ score: 1000 });
    expect(rules.result(played({ ...near, moves: 63 }, { cell: 8 }))).toMatchObject({ score: 506 });
  });

  test("says where it stands in one sentence", () => {
    const said = (state: Sliding): string => rules.describe(state, (key, values) => `${key} ${JSON.stringify(values)}`);
    const near: Sliding = { size: 3, tiles: [0, 1, 2, 3, 4, 5, 6, 8, 7], moves: 1 };
    expect(said(near)).toBe('standing {"count":7,"total":8}');
    expect(said(played(near, { cell: 8 }))).toBe('whole {"count":8,"total":8}');
  });
});
