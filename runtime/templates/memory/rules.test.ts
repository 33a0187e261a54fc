import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Memory, mateOf, pairsFound, rules, type Turn } from "./rules";

const seeds = fc.integer({ min: 0, max: 2 ** 31 - 1 });
const counts = fc.integer({ min: 3, max: 12 });
const wishes = fc.constantFrom(0, 3, 4, 5, 6, 8, 10, 12);
const start = (pairs: number, seed: number, count: number): Memory => rules.start({ pairs }, seed, { count, ratio: 1 });
const isOver = (state: Memory): boolean => rules.result(state).finished;

function played(state: Memory, ...cards: number[]): Memory {
  let now = state;
  for (const card of cards) {
    const next = rules.play(now, { card });
    if ("refused" in next) throw new Error(`refused: ${next.refused}`);
    now = next;
  }
  return now;
}

/** Plays what can be played of these taps. */
function strayed(state: Memory, taps: readonly number[]): Memory {
  let now = state;
  for (const card of taps) {
    const next = rules.play(now, { card });
    if (!("refused" in next)) now = next;
  }
  return now;
}

/** Cards 0 and 2, 1 and 4, 3 and 5 are pairs. */
const six: Memory = {
  cards: [0, 1, 0, 2, 1, 2],
  open: [],
  seen: Array(6).fill(false),
  found: Array(6).fill(false),
  moves: 0,
  mistakes: 0,
};

describe("the start", () => {
  test("lays two of each drawn picture face down, as many as were asked for and there are", () => {
    fc.assert(
      fc.property(wishes, seeds, counts, (wish, seed, count) => {
        const { cards, open, seen, found } = start(wish, seed, count);
        const pairs = wish === 0 ? count : Math.min(wish, count);
        expect(cards).toHaveLength(2 * pairs);
        expect(new Set(cards).size).toBe(pairs);
        cards.forEach((picture, card) => {
          expect(cards.filter((other) => other === picture)).toHaveLength(2);
          expect(picture).toBeGreaterThanOrEqual(0);
          expect(picture).toBeLessThan(count);
          expect(mateOf(start(wish, seed, count), card)).not.toBe(card);
        });
        expect([...open, ...seen.filter(Boolean), ...found.filter(Boolean)]).toEqual([]);
      }),
    );
  });

  test("is decided by the seed, and so are the pictures that are drawn", () => {
    expect(start(3, 5, 12)).toEqual(start(3, 5, 12));
    const drawn = new Set(Array.from({ length: 200 }, (_, seed) => start(3, seed, 12).cards).flat());
    expect(drawn.size).toBe(12);
  });
});

describe("a turn", () => {
  test("of two alike keeps the pair", () => {
    const state = played(six, 0, 2);
    expect(state.found).toEqual([true, false, true, false, false, false]);
    expect(state.open).toEqual([]);
    expect(state.moves).toBe(1);
  });

  test("of two unlike leaves both open until a third card is turned", () => {
    const two = played(six, 0, 1);
    expect(two.open).toEqual([0, 1]);
    expect(played(two, 3).open).toEqual([3]);
    expect(pairsFound(two)).toBe(0);
  });

  test("of one of two unlike cards turns both face down, which is no move", () => {
    const state = played(six, 0, 1, 1);
    expect(state).toMatchObject({ open: [], moves: 1, mistakes: 0 });
    expect(state.seen).toEqual([true, true, false, false, false, false]);
    expect(played(state, 1).open).toEqual([1]);
  });

  test("of a card that lies open, of a found one, or of none is refused", () => {
    expect(rules.play(played(six, 0), { card: 0 })).toEqual({ refused: "open" });
    expect(rules.play(played(six, 0, 2), { card: 2 })).toEqual({ refused: "open" });
    for (const card of [-1, 6, 0.5, Number.NaN]) expect(rules.play(six, { card })).toEqual({ refused: "nowhere" });
    expect(rules.play(played(six, 0, 2, 1, 4, 3, 5), { card: 0 })).toEqual({ refused: "over" });
  });

  test("is a mistake only where nothing matched and one of the two had been seen before", () => {
    expect(played(six, 0, 1).mistakes).toBe(0);
    expect(played(six, 0, 1, 3, 0).mistakes).toBe(1);
    expect(played(six, 0, 1, 0, 0, 3).mistakes).toBe(1);
    expect(played(six, 0, 1, 3, 4).mistakes).toBe(0);
    expect(played(six, 0, 1, 0, 0, 2).mistakes).toBe(0);
  });

  test("leaves the state that it was given as it was", () => {
    fc.assert(
      fc.property(
        counts,
        seeds,
        fc.array(fc.nat({ max: 23 }), { maxLength: 40 }),
        fc.nat({ max: 23 }),
        (n, seed, taps, card) => {
          const state = strayed(start(0, seed, n), taps);
          const before = structuredClone(state);
          for (const list of [state.cards, state.open, state.seen, state.found, state]) Object.freeze(list);
          rules.play(state, { card });
          rules.hint(state);
          expect(state).toEqual(before);
        },
      ),
    );
  });
});

describe("the hint", () => {
  test("played again and again finishes every game from wherever the player left it", () => {
    fc.assert(
      fc.property(wishes, counts, seeds, fc.array(fc.nat({ max: 23 }), { maxLength: 60 }), (wish, n, seed, taps) => {
        let now = strayed(start(wish, seed, n), taps);
        for (let turns = 0; !isOver(now); turns++) {
          if (turns > 4 * n) throw new Error("no end in sight");
          now = played(now, (rules.hint(now) as Turn).card);
        }
        expect(rules.hint(now)).toBeNull();
      }),
      { numRuns: 500 },
    );
  });

  test("makes no mistake in a whole game, and never needs more than two turns for each pair", () => {
    fc.assert(
      fc.property(counts, seeds, (n, seed) => {
        let now = start(0, seed, n);
        while (!isOver(now)) now = played(now, (rules.hint(now) as Turn).card);
        expect(now.mistakes).toBe(0);
        expect(now.moves).toBeGreaterThanOrEqual(n);
        expect(now.moves).toBeLessThan(2 * n);
      }),
      { numRuns: 500 },
    );
  });

  test("never looks under a card: cards not seen yet may change places and it says the same", () => {
    fc.assert(
      fc.property(counts, seeds, fc.array(fc.nat({ max: 23 }), { maxLength: 30 }), fc.nat(), (n, seed, taps, turn) => {
        const state = strayed(start(0, seed, n), taps);
        const hidden = state.cards
          .map((_, card) => card)
          .filter((card) => !state.seen[card] && !state.open.includes(card));
        fc.pre(!isOver(state) && hidden.length > 1);
        const cards = [...state.cards];
        hidden.forEach((card, index) => {
          cards[card] = state.cards[hidden[(index + 1 + turn) % hidden.length] as number] as number;
        });
        expect(rules.hint({ ...state, cards })).toEqual(rules.hint(state));
      }),
      { numRuns: 500 },
    );
  });
});

describe("a game", () => {
  test("is replayed exactly by its move log, through JSON", () => {
    fc.assert(
      fc.property(counts, seeds, fc.array(fc.nat({ max: 23 }), { maxLength: 80 }), (n, seed, taps) => {
        const log: Turn[] = [];
        let now = start(0, seed, n);
        for (const card of taps) {
          const next = rules.play(now, { card });
          if ("refused" in next) continue;
          log.push({ card });
          now = next;
        }
        let again = start(0, seed, n);
        for (const move of JSON.parse(JSON.stringify(log)) as Turn[])
          again = played(JSON.parse(JSON.stringify(again)) as Memory, move.card);
        expect(again).toEqual(now);
      }),
    );
  });

  test("is perfect with one move for each pair, and scores less with more", () => {
    expect(rules.result(six)).toMatchObject({ finished: false, moves: 0, done: 0, score: 1000, difficulty: "3" });
    expect(rules.result(played(six, 0, 2))).toMatchObject({ finished: false, done: 1 / 3, score: 1000 });
    expect(rules.result(played(six, 0, 2, 1, 4, 3, 5))).toMatchObject({
      finished: true,
      moves: 3,
      done: 1,
      score: 1000,
    });
    expect(rules.result(played(six, 0, 1, 0, 0, 2, 1, 4, 3, 5))).toMatchObject({ moves: 4, score: 750, mistakes: 0 });
  });

  test("says where it stands in one sentence", () => {
    const said = (state: Memory): string => rules.describe(state, (key, values) => `${key} ${JSON.stringify(values)}`);
    expect(said(played(six, 0, 2))).toBe('standing {"count":1,"total":3}');
    expect(said(played(six, 0, 2, 1, 4, 3, 5))).toBe('whole {"count":3,"total":3}');
  });
});

test("cards of a picture that was put in twice match each other, and hints still finish the game", () => {
  const first = rules.start({ pairs: 0 }, 3, { count: 3, ratio: 1, alike: [0, 1, 0] });
  expect(first.cards.filter((picture) => picture === 0)).toHaveLength(4);
  const alike = first.cards.flatMap((picture, card) => (picture === 0 ? [card] : []));
  const [one = 0, , other = 0] = alike;
  const turned = rules.play(rules.play(first, { card: one }) as Memory, { card: other }) as Memory;
  expect(turned.found[one] && turned.found[other]).toBe(true);
  let state = turned;
  for (let move = rules.hint(state); move; move = rules.hint(state)) state = rules.play(state, move) as Memory;
  expect(rules.result(state)).toMatchObject({ finished: true, mistakes: 0 });
});
