/** Memory pairs: cards lie face down, two of each picture; who turns two alike keeps them. */

import { random, shuffle } from "../../core/random";
import type { Rules } from "../../core/types";

export interface Memory {
  /** The picture on each card, by its position in the slot. */
  readonly cards: readonly number[];
  /** Cards turned up and not yet found as a pair: none, one, or two that do not match. */
  readonly open: readonly number[];
  /** Cards whose picture the player has seen, by position. */
  readonly seen: readonly boolean[];
  /** Cards that belong to a pair already found, by position. */
  readonly found: readonly boolean[];
  /** Pairs of cards turned so far. */
  readonly moves: number;
  /** Pairs turned that did not match though one of the two cards had been seen before: memory could have done better. */
  readonly mistakes: number;
}

/** This card is turned up; one of two that lie open and do not match turns both face down again. */
export interface Turn {
  readonly card: number;
}

/** The other card with the picture of this one that is not found yet; of more than one, the one that was seen. */
export function mateOf({ cards, seen, found }: Memory, card: number): number {
  const mates = [...cards.keys()].filter((other) => other !== card && cards[other] === cards[card] && !found[other]);
  return mates.find((other) => seen[other]) ?? mates[0] ?? -1;
}

const set = (list: readonly boolean[], ...places: number[]): boolean[] =>
  list.map((value, place) => value || places.includes(place));

/** How many pairs are found. */
export const pairsFound = ({ found }: Memory): number => found.filter(Boolean).length / 2;

export const rules: Rules<Memory, Turn> = {
  start(options, seed, { count, alike = [] }) {
    const chance = random(seed);
    const wanted = Number(options.pairs) || count;
    const all = Array.from({ length: count }, (_, picture) => picture);
    const drawn = wanted < count ? shuffle(all, chance).slice(0, wanted) : all;
    const cards = shuffle([...drawn, ...drawn], chance).map((picture) => alike[picture] ?? picture);
    const none = cards.map(() => false);
    return { cards, open: [], seen: none, found: none, moves: 0, mistakes: 0 };
  },

  play(state, { card }) {
    const { cards, open, seen, found, moves, mistakes } = state;
    if (found.every(Boolean)) return { refused: "over" };
    if (cards[card] === undefined) return { refused: "nowhere" };
    const isOpen = open.includes(card);
    if (found[card] || (isOpen && open.length === 1)) return { refused: "open" };
    const first = open[0];
    // Two that do not match lie open until the next turn: as long as the player wants to look at them.
    if (first === undefined || open.length === 2)
      return { ...state, open: isOpen ? [] : [card], seen: set(seen, ...open) };
    if (cards[first] === cards[card])
      return { ...state, open: [], seen: set(seen, first, card), found: set(found, first, card), moves: moves + 1 };
    const known = seen[first] || seen[card];
    return { ...state, open: [first, card], moves: moves + 1, mistakes: mistakes + (known ? 1 : 0) };
  },

  result(state) {
    const pairs = state.cards.length / 2;
    const count = pairsFound(state);
    const finished = count === pairs;
    return {
      finished,
      moves: state.moves,
      mistakes: state.mistakes,
      done: count / pairs,
      score: Math.round((1000 * pairs) / Math.max(pairs, state.moves)),
      difficulty: `${pairs}`,
    };
  },

  describe(state, text) {
    const total = state.cards.length / 2;
    const count = pairsFound(state);
    return text(count === total ? "whole" : "standing", { count, total });
  },

  /**
   * What a player with a perfect memory would turn: it knows what has been seen, and no more. So it never looks under a card, makes
   * no mistake, and still finishes every game, since each pair it turns either shows a new picture or is one.
   */
  hint(state) {
    const { cards, open, found } = state;
    if (found.every(Boolean)) return null;
    const seen = set(state.seen, ...open);
    const remembered = (card: number): boolean => seen[card] === true && !found[card];
    const closed = cards.map((_, card) => card).filter((card) => !open.includes(card));
    const first = open.length === 1 ? open[0] : undefined;
    const pair =
      first === undefined
        ? closed.find((card) => remembered(card) && remembered(mateOf({ ...state, seen }, card)))
        : closed.find((card) => remembered(card) && cards[card] === cards[first]);
    return { card: pair ?? (closed.find((card) => !seen[card]) as number) };
  },
};
