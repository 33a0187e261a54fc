/** Swap and turn: any two tiles change places, a tile turns by a quarter, until every tile lies at home and upright. */

import { random, shuffle } from "../../core/random";
import type { Rules } from "../../core/types";
import type { SwapOptions } from "../../options/swap";

export interface Swap {
  readonly columns: number;
  readonly rows: number;
  /** The tile that lies in each cell, row by row; tile n is at home in cell n. */
  readonly tiles: readonly number[];
  /** Quarter turns to the right of each tile, 0 to 3; all 0 where tiles are not turned. */
  readonly turns: readonly number[];
  readonly turned: boolean;
  /** Moves that a perfect game takes. */
  readonly least: number;
  readonly moves: number;
  /** Moves that took a tile away from where it belongs. */
  readonly mistakes: number;
}

/** Two cells whose tiles change places, or one whose tile turns by a quarter to the right. */
export type SwapMove = { readonly swap: readonly [number, number] } | { readonly turn: number };

/** Whether the cell shows its own part of the picture, upright. */
export const isHome = ({ tiles, turns }: Pick<Swap, "tiles" | "turns">, cell: number): boolean =>
  tiles[cell] === cell && turns[cell] === 0;

const homes = (state: Pick<Swap, "tiles" | "turns">): number =>
  state.tiles.filter((_, cell) => isHome(state, cell)).length;

/** Each ring of tiles that sit in each other's places takes one swap less than it has tiles; each tile its own turns. */
function leastMoves(tiles: readonly number[], turns: readonly number[]): number {
  const seen = new Set<number>();
  let swaps = 0;
  for (const first of tiles)
    for (let tile = first; !seen.has(tile); tile = tiles[tile] as number) {
      seen.add(tile);
      if (tiles[tile] !== first) swaps++;
    }
  return turns.reduce((sum, turn) => sum + ((4 - turn) % 4), swaps);
}

const isCell = ({ tiles }: Swap, cell: unknown): cell is number => tiles[cell as number] !== undefined;

export const rules: Rules<Swap, SwapMove> = {
  start(options, seed, { ratio }) {
    const { size, turned } = options as SwapOptions;
    const columns = ratio > 1 ? Math.round(size * ratio) : size;
    const rows = ratio > 1 ? size : Math.round(size / ratio);
    const chance = random(seed);
    const cells = Array.from({ length: columns * rows }, (_, cell) => cell);
    let tiles = shuffle(cells, chance);
    // A shuffle may by chance leave most tiles at home; then there would be nothing to do.
    while (tiles.filter((tile, cell) => tile === cell).length * 3 > cells.length) tiles = shuffle(tiles, chance);
    const turns = cells.map(() => (turned ? Math.floor(chance() * 4) : 0));
    return { columns, rows, tiles, turns, turned, least: leastMoves(tiles, turns), moves: 0, mistakes: 0 };
  },

  play(state, move) {
    const tiles = [...state.tiles];
    const turns = [...state.turns];
    if (homes(state) === tiles.length) return { refused: "over" };
    if ("turn" in move) {
      if (!state.turned || !isCell(state, move.turn)) return { refused: "upright" };
      turns[tiles[move.turn] as number] = ((turns[tiles[move.turn] as number] as number) + 1) % 4;
    } else {
      const [one, other] = move.swap;
      if (!isCell(state, one) || !isCell(state, other) || one === other) return { refused: "same" };
      [tiles[one], tiles[other]] = [tiles[other] as number, tiles[one] as number];
    }
    const after = { ...state, tiles, turns, moves: state.moves + 1 };
    const wrong = tiles.some((_, cell) => isHome(state, cell) && !isHome(after, cell));
    return { ...after, mistakes: state.mistakes + Number(wrong) };
  },

  result(state) {
    const { columns, rows, tiles, least, moves, mistakes, turned } = state;
    const right = homes(state);
    return {
      finished: right === tiles.length,
      moves,
      mistakes,
      done: right / tiles.length,
      score: Math.round((1000 * least) / Math.max(least, moves)),
      difficulty: `${columns}x${rows}${turned ? "r" : ""}`,
    };
  },

  describe(state, text) {
    const count = homes(state);
    const total = state.tiles.length;
    return count === total ? text("whole") : text("standing", { count, total });
  },

  hint({ tiles, turns }) {
    const cell = tiles.findIndex((_, place) => !isHome({ tiles, turns }, place));
    if (cell < 0) return null;
    return tiles[cell] === cell ? { turn: cell } : { swap: [cell, tiles.indexOf(cell)] };
  },
};
