/**
 * The board of a jigsaw: how many pieces, where each belongs, and where loose ones lie on the tray.
 *
 * Lengths are whole board units; the longer side of the picture measures about 6000. The origin is the top left corner of the
 * finished picture, so a piece that lies right has the spot [0, 0, 0].
 */

/** How a piece lies: turned about the origin by quarter turns clockwise, then moved by x and y. Joined pieces share one spot. */
export type Spot = readonly [x: number, y: number, turn: number];

export interface Board {
  readonly seed: number;
  readonly cols: number;
  readonly rows: number;
  /** Size of the cell of one piece. Both are even, so that its centre is whole. */
  readonly width: number;
  readonly height: number;
  /** Pieces may lie turned. */
  readonly turned: boolean;
  /** Shape of the tray, 100 * width / height; 0 until one is chosen, and then that of the picture serves. */
  readonly tray: number;
  /** The place on the tray that each piece keeps while it is loose; says nothing of where it belongs. */
  readonly slots: readonly number[];
}

type Point = [x: number, y: number];

/** Felt left of and above the picture: the corner of the tray is at -margin, -margin. */
export const margin = 200;

/** Columns and rows of nearly square pieces, as nearly so many as that allows: exactly for each choice in 4:3 and 3:4. */
export function grid(pieces: number, ratio: number): Point {
  if (ratio < 1) return grid(pieces, 1 / ratio).reverse() as Point;
  // Rather one column more: a little below a whole number is enough for it.
  const cols = Math.ceil(Math.sqrt(pieces * ratio) - 0.13);
  return [cols, Math.round(pieces / cols)];
}

/** A point turned about the origin by quarter turns clockwise (y points down). */
export function spin(turn: number, x: number, y: number): Point {
  for (let quarter = turn; quarter > 0; quarter--) [x, y] = [-y, x];
  return [x, y];
}

/** Where the centre of a piece belongs. */
export const home = ({ cols, width, height }: Board, piece: number): Point => [
  (piece % cols) * width + width / 2,
  Math.floor(piece / cols) * height + height / 2,
];

/** Where the centre of a piece lies that has this spot. */
export function centre(board: Board, piece: number, [x, y, turn]: Spot): Point {
  const [left, top] = spin(turn, ...home(board, piece));
  return [x + left, y + top];
}

/** Size of the tray: as small as gives loose pieces room beside the picture, and never narrower than 1 : 5. */
export function trayOf({ cols, rows, width, height, tray }: Board): Point {
  const [wide, high] = [cols * width, rows * height];
  const shape = tray ? Math.max(0.2, Math.min(5, tray / 100)) : wide / high;
  const down = Math.max(Math.sqrt((2.5 * wide * high) / shape), high + 2 * margin, (wide + 2 * margin) / shape);
  return [down * shape, down];
}

/** The spot that brings the centre of a piece to a point, kept on the tray. */
export function spotAt(board: Board, piece: number, x: number, y: number, turn: number): Spot {
  const [left, top] = spin(turn, ...home(board, piece));
  const [wide, high] = trayOf(board);
  const keep = (value: number, room: number): number => Math.round(Math.max(-margin, Math.min(room - margin, value)));
  return [keep(x, wide) - left, keep(y, high) - top, turn];
}

/** Where the centres of loose pieces lie on the tray, by slot: in rows right of the picture and below it. */
export function slotCentres(board: Board): Point[] {
  const { cols, rows, width, height, turned, slots } = board;
  const longer = Math.max(width, height);
  const [right, bottom] = trayOf(board);
  const edge = cols * width + margin / 2;
  const foot = rows * height + margin / 2;
  const centres: Point[] = [];
  // Rows stand as wide apart as they can; where room is scarce, pieces overlap.
  for (let pitch = 1.5; centres.length < slots.length; pitch *= 0.98) {
    centres.length = 0;
    for (const [x, y, room, depth] of [
      [edge, -margin, right - edge - margin, bottom],
      [-margin, foot, edge + margin, bottom - foot - margin],
    ] as const) {
      const across = Math.floor(room / pitch / (turned ? longer : width));
      const down = Math.floor(depth / pitch / (turned ? longer : height));
      for (let cell = 0; cell < across * down; cell++)
        centres.push([
          x + (((cell % across) + 0.5) * room) / across,
          y + ((Math.floor(cell / across) + 0.5) * depth) / down,
        ]);
    }
  }
  return centres;
}
