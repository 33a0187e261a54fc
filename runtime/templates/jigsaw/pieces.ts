/** The pieces, cut out of the picture once with their edge and their shadow, then drawn as often as wanted. */

import { node } from "../../core/dom";
import { type Board, home, type Spot } from "./board";
import { outline } from "./cut";

export interface Pieces {
  /** True when a point is on the piece or nearly, in board units and as the piece lies where it belongs. */
  covers(piece: number, x: number, y: number, nearly: number): boolean;
  /** Draws pieces at their spots on a canvas whose pixels are `size * unit + x`. */
  paint(
    on: CanvasRenderingContext2D,
    spots: readonly Spot[],
    group: readonly number[],
    size: number,
    x: number,
    y: number,
  ): void;
  /** Cuts the pieces anew, at so many pixels for a board unit. */
  cut(scale: number): void;
}

export const brush = (canvas: HTMLCanvasElement): CanvasRenderingContext2D =>
  canvas.getContext("2d") as CanvasRenderingContext2D;

/** How far a tab may stand out of its cell, shadow included. */
export const tabOf = ({ width, height }: Board): number => Math.min(width, height) * 0.36;

/** All pieces of the board; the picture fills it. */
export function pieces(board: Board, image: HTMLImageElement): Pieces {
  const { cols, rows, width, height, slots } = board;
  const tab = tabOf(board);
  const [wide, high] = [width + 2 * tab, height + 2 * tab];
  /** Edge and shadow of large pieces are no broader than those of middling ones. */
  const rim = Math.min(tab, 250);
  const sheet = node("canvas");
  const context = brush(sheet);
  const ruler = brush(node("canvas"));
  const paths = slots.map((_, piece) => {
    const points = outline(board, piece);
    return new Path2D(`M${points.slice(0, 2)}C${points.slice(2)}`);
  });
  let sharpness = 1;
  /** The corner of a piece with its tabs on the sheet, and on the board. */
  const corner = (piece: number): [x: number, y: number, left: number, top: number] => {
    const [x, y] = home(board, piece);
    return [(piece % cols) * wide, Math.floor(piece / cols) * high, x - wide / 2, y - high / 2];
  };

  return {
    covers(piece, x, y, nearly) {
      const path = paths[piece] as Path2D;
      ruler.lineWidth = nearly;
      return ruler.isPointInPath(path, x, y) || ruler.isPointInStroke(path, x, y);
    },
    paint(on, spots, group, size, left, top) {
      for (const piece of group) {
        const [right, below, turn] = spots[piece] as Spot;
        const [x, y, fromX, fromY] = corner(piece);
        on.setTransform(size, 0, 0, size, right * size + left, below * size + top);
        on.rotate((turn * Math.PI) / 2);
        on.drawImage(sheet, x * sharpness, y * sharpness, wide * sharpness, high * sharpness, fromX, fromY, wide, high);
      }
    },
    cut(scale) {
      sharpness = scale;
      sheet.width = cols * wide * scale;
      sheet.height = rows * high * scale;
      // Scaled once and well, then only copied.
      const picture = node("canvas");
      picture.width = cols * width * scale;
      picture.height = rows * height * scale;
      const whole = brush(picture);
      whole.imageSmoothingQuality = "high";
      whole.drawImage(image, 0, 0, picture.width, picture.height);
      paths.forEach((path, piece) => {
        const [x, y, left, top] = corner(piece);
        const aim = (by: number): void =>
          context.setTransform(scale, 0, 0, scale, (x - left + by) * scale, (y - top + by) * scale);
        aim(0);
        context.save();
        // The shadow first and the piece on it: a shadow put under what is there already costs a hundred times as much.
        context.shadowBlur = rim * scale * 0.2;
        context.shadowColor = "#0009";
        context.fill(path);
        context.shadowColor = "#0000";
        context.clip(path);
        context.drawImage(picture, 0, 0, cols * width, rows * height);
        // The edge of the card: light falls from the top left.
        context.lineWidth = rim / 10;
        for (const side of [-1, 1]) {
          aim((side * rim) / 20);
          context.strokeStyle = side < 0 ? "#0007" : "#fff8";
          context.stroke(path);
        }
        context.restore();
      });
    },
  };
}
