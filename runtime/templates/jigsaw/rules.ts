/** A jigsaw: pieces dropped close to where they belong, or to a neighbour, snap; joined pieces move together. */

import { random, shuffle } from "../../core/random";
import type { Rules } from "../../core/types";
import { type Board, centre, grid, home, type Spot, slotCentres, spotAt } from "./board";

export interface Jigsaw extends Board {
  /** How each piece lies. */
  readonly spots: readonly Spot[];
  /** The group of each piece, named by the lowest piece in it. */
  readonly groups: readonly number[];
  /** Drops and turns so far. Tidying is free. */
  readonly moves: number;
}

/** The group of `piece` is dropped so that the centre of that piece comes to x, y. */
export interface Drop {
  readonly piece: number;
  readonly x: number;
  readonly y: number;
}

/** The group of the piece makes a quarter turn clockwise about the centre of that piece. */
export interface Turn {
  readonly turn: number;
}

/** Pieces that are neither joined nor placed go back to their slots, on a tray of this shape: 100 * width / height. */
export interface Tidy {
  readonly tray: number;
}

export type Move = Drop | Turn | Tidy;

/** A piece with this spot lies where it belongs, for good. */
export const placed = ([x, y, turn]: Spot): boolean => !(x || y || turn);

/** Every piece joined with this one, itself included. */
export const members = ({ groups }: Pick<Jigsaw, "groups">, piece: number): number[] =>
  [...groups.keys()].filter((other) => groups[other] === groups[piece]);

/** Pieces that share an edge with this one in the picture. */
export const beside = ({ cols, slots }: Board, piece: number): number[] =>
  [piece % cols ? piece - 1 : -1, (piece + 1) % cols ? piece + 1 : -1, piece - cols, piece + cols].filter(
    (other) => slots[other] !== undefined,
  );

const HOME: Spot = [0, 0, 0];

/** The group of `piece` comes to `spot`, snaps to what is close, and is joined with every neighbour that it then fits. */
function settle(state: Jigsaw, piece: number, spot: Spot): Jigsaw {
  const { width, height, moves } = state;
  const spots = [...state.spots];
  const groups = [...state.groups];
  const own = members(state, piece);
  // A quarter of a piece, but never more than a finger's breadth of a large one.
  const reach = Math.min(300, width / 4, height / 4);
  const near = (one: Spot, other: Spot): boolean =>
    one[2] === other[2] && Math.abs(one[0] - other[0]) <= reach && Math.abs(one[1] - other[1]) <= reach;
  const fitting = (part: number, to: Spot): number[] =>
    beside(state, part).filter((other) => groups[other] !== groups[piece] && near(spots[other] as Spot, to));

  const [first] = own.flatMap((part) => fitting(part, spot));
  const target = near(HOME, spot) ? HOME : (spots[first as number] ?? spot);
  const joined = new Set(own);
  for (const part of own)
    for (const other of fitting(part, target))
      for (const more of members({ groups }, other)) {
        groups[more] = groups[piece] as number;
        joined.add(more);
      }
  const lowest = Math.min(...joined);
  for (const part of joined) {
    spots[part] = target;
    groups[part] = lowest;
  }
  const whole = joined.size === spots.length;
  return { ...state, spots: whole ? spots.map(() => HOME) : spots, groups, moves: moves + 1 };
}

/** Loose pieces lie in their slots on a tray of this shape; groups stay, but on the tray. */
export function tidied(state: Jigsaw, tray: number): Jigsaw {
  const board = { ...state, tray };
  const centres = slotCentres(board);
  const spots = state.spots.map((spot, piece) => {
    const group = state.groups[piece] as number;
    const slot = members(state, piece)[1] === undefined && centres[state.slots[piece] as number];
    return placed(spot) ? spot : spotAt(board, group, ...(slot || centre(board, group, spot)), spot[2]);
  });
  return { ...board, spots };
}

export const rules: Rules<Jigsaw, Move> = {
  start(options, seed, { ratio }) {
    const [cols, rows] = grid(Number(options.pieces), ratio);
    const chance = random(seed);
    const turned = options.turned === true;
    const groups = [...Array(cols * rows).keys()];
    return tidied(
      {
        seed,
        cols,
        rows,
        width: 2 * Math.round((3000 * Math.min(1, ratio)) / cols),
        height: 2 * Math.round((3000 * Math.min(1, 1 / ratio)) / rows),
        turned,
        tray: 0,
        slots: shuffle(groups, chance),
        // Nowhere yet: tidying lays them out.
        spots: groups.map(() => [1, 1, turned ? Math.floor(chance() * 4) : 0]),
        groups,
        moves: 0,
      },
      0,
    );
  },

  play(state, move) {
    // Whatever a log holds becomes whole numbers: nothing else may reach the board.
    if ("tray" in move) return tidied(state, move.tray | 0);
    const turning = "turn" in move;
    const piece = turning ? move.turn : move.piece;
    const spot = state.spots[piece];
    if (!spot || placed(spot) || (turning && !state.turned)) return { refused: "stuck" };
    const [x, y] = turning ? centre(state, piece, spot) : [move.x | 0, move.y | 0];
    return settle(state, piece, spotAt(state, piece, x, y, (spot[2] + +turning) % 4));
  },

  result({ spots, groups, moves, turned }) {
    const count = spots.length;
    const open = groups.filter((group, piece) => group === piece && !placed(spots[piece] as Spot)).length;
    const done = 1 - open / count;
    // Each piece is put down once, and turned by a quarter and a half on average.
    const par = count * (turned ? 2.5 : 1);
    return {
      finished: !open,
      moves,
      mistakes: 0,
      done,
      score: Math.round(1000 * done * Math.min(1, par / moves)),
      difficulty: count + (turned ? "↻" : ""),
    };
  },

  describe: ({ spots }, text) => text("standing", { right: spots.filter(placed).length, count: spots.length }),

  hint(state) {
    const piece = state.spots.findIndex((spot) => !placed(spot));
    const spot = state.spots[piece];
    if (!spot) return null;
    const [x, y] = home(state, piece);
    return spot[2] ? { turn: piece } : { piece, x, y };
  },
};
