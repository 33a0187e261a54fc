/** Sliding puzzle: one gap, and tiles that slide into it until the picture is whole. */

import { random, shuffle } from "../../core/random";
import type { Rules } from "../../core/types";
import { nextCell } from "./solver";

export interface Sliding {
  /** Tiles in a row, and rows. */
  readonly size: number;
  /** The tile that lies in each cell, row by row. A tile's number is the cell it belongs in; the last number is the gap. */
  readonly tiles: readonly number[];
  /** Slides so far. A row of tiles that moves together is one slide: one gesture of the player. */
  readonly moves: number;
}

/** The tile in this cell slides towards the gap, which is in its row or column, and pushes those between along. */
export interface Slide {
  readonly cell: number;
}

/** Where the gap is. */
export const gapOf = (tiles: readonly number[]): number => tiles.indexOf(tiles.length - 1);

/** How many tiles are in their place; the gap does not count. */
const placed = (tiles: readonly number[]): number => tiles.slice(0, -1).filter((tile, cell) => tile === cell).length;

export const isWhole = (tiles: readonly number[]): boolean => tiles.every((tile, cell) => tile === cell);

/** The step, in cells, that leads from one cell straight to another; 0 where no row or column joins them. */
export function stepTo(size: number, from: number, to: number): number {
  const way = Math.sign(to - from);
  if (Math.floor(from / size) === Math.floor(to / size)) return way;
  return from % size === to % size ? way * size : 0;
}

/** Whether the tiles before the last make an even permutation: with the gap at home, exactly then they can be put in order. */
function isEven(tiles: readonly number[]): boolean {
  let inversions = 0;
  tiles.forEach((tile, cell) => {
    for (const later of tiles.slice(cell)) if (later < tile) inversions++;
  });
  return inversions % 2 === 0;
}

/** Slides of a good game, by size cubed: 32, 77 and 150. Most games can be solved in a third fewer; people take more. */
const PAR = 1.2;

export const rules: Rules<Sliding, Slide> = {
  start(options, seed) {
    const size = Number(options.size);
    const chance = random(seed);
    let tiles = Array.from({ length: size * size - 1 }, (_, cell) => cell);
    do {
      tiles = shuffle(tiles, chance);
      if (!isEven(tiles)) [tiles[0], tiles[1]] = [tiles[1] as number, tiles[0] as number];
    } while (isWhole(tiles));
    tiles.push(tiles.length);
    return { size, tiles, moves: 0 };
  },

  play(state, { cell }) {
    if (isWhole(state.tiles)) return { refused: "whole" };
    let gap = gapOf(state.tiles);
    const step = state.tiles[cell] === undefined ? 0 : stepTo(state.size, gap, cell);
    if (step === 0) return { refused: "blocked" };
    const tiles = [...state.tiles];
    for (; gap !== cell; gap += step) tiles[gap] = tiles[gap + step] as number;
    tiles[cell] = tiles.length - 1;
    return { ...state, tiles, moves: state.moves + 1 };
  },

  result({ size, tiles, moves }) {
    return {
      finished: isWhole(tiles),
      moves,
      mistakes: 0,
      done: placed(tiles) / (tiles.length - 1),
      score: Math.round(1000 * Math.min(1, (PAR * size ** 3) / moves)),
      difficulty: `${size}x${size}`,
    };
  },

  describe({ tiles }, text) {
    const [count, total] = [placed(tiles), tiles.length - 1];
    return text(count === total ? "whole" : "standing", { count, total });
  },

  hint({ size, tiles }) {
    return isWhole(tiles) ? null : { cell: nextCell(tiles, size) };
  },
};
