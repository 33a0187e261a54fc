/** The cut of a jigsaw: one curve for each inner edge, every one its own, shared by the two pieces beside it. */

import { random } from "../../core/random";
import type { Board } from "./board";

/** Points as x, y pairs in board units: the start, then two controls and an end for each cubic. */
export type Curve = readonly number[];

/** The edge above a piece, left to right, or the one left of it, top to bottom. Straight at the rim of the picture. */
export function edge({ seed, cols, rows, width, height }: Board, col: number, row: number, upright: boolean): Curve {
  const chance = random(seed + (row * (cols + 1) + col) * 2 + +upright);
  const between = (least: number, most: number): number => least + chance() * (most - least);
  const small = Math.min(width, height);
  const length = upright ? height : width;
  const side = chance() < 0.5 ? small : -small;
  const middle = length * between(0.43, 0.57);
  const neck = between(0.06, 0.085);
  const knob = between(0.095, 0.12);
  const tall = between(0.235, 0.28);
  const waist = tall * 0.4;
  const bow = between(-0.05, 0.05);
  const tab = [
    [-neck + 0.06, waist - 0.08],
    [-neck, waist],
    [-neck - 0.055, waist + 0.073],
    [-knob, tall],
    [0, tall],
    [knob, tall],
    [neck + 0.055, waist + 0.073],
    [neck, waist],
    [neck - 0.06, waist - 0.08],
  ].map(([along = 0, out = 0]) => [middle + along * small, out * side]);
  const points = (upright ? col % cols : row % rows)
    ? [[0, 0], [middle / 2, bow * small], ...tab, [(length + middle) / 2, bow * side], [length, 0]]
    : [0, 0, length, length].map((along) => [along, 0]);
  return points.flatMap(([along = 0, out = 0]) =>
    upright ? [col * width + out, row * height + along] : [col * width + along, row * height + out],
  );
}

/** The same curve from its end to its start. */
const back = (curve: Curve): number[] => curve.map((_, at) => curve[curve.length - 1 - (at ^ 1)] as number);

/** The closed outline of a piece where it belongs, clockwise from its top left corner; each side starts where the last one ends. */
export function outline(board: Board, piece: number): number[] {
  const col = piece % board.cols;
  const row = Math.floor(piece / board.cols);
  return [
    edge(board, col, row, false),
    edge(board, col + 1, row, true),
    back(edge(board, col, row + 1, false)),
    back(edge(board, col, row, true)),
  ].flatMap((side, nth) => side.slice(nth ? 2 : 0));
}
