/** The pieces: each a canvas of its own, cut out of the picture with its edge and its shadow, and moved by style alone from then on. */

import { node } from "../../core/dom";
import { type Board, home, type Spot } from "./board";
import { outline } from "./cut";

export interface Pieces {
  /** Canvases whose units are those of the board. */
  readonly faces: readonly HTMLCanvasElement[];
  /** Lays a piece at its spot. */
  lay(piece: number, spot: Spot): void;
  /** True when a point of the board, as it is before the piece is moved to its spot, is on the piece or nearly. */
  covers(piece: number, x: number, y: number, nearly: number): boolean;
  /** Cuts the pieces anew, at so many pixels for a board unit. */
  cut(scale: number): void;
}

const brush = (canvas: HTMLCanvasElement): CanvasRenderingContext2D =>
  // Without help of a graphics processor: hundreds of small canvases are too many for it.
  canvas.getContext("2d", { willReadFrequently: true }) as CanvasRenderingContext2D;

/** All pieces of the board; the picture fills it. */
export function pieces(board: Board, image: HTMLImageElement): Pieces {
  const { cols, rows, width, height, slots } = board;
  const tab = Math.min(width, height) * 0.36;
  const ruler = brush(node("canvas"));
  const faces = slots.map(() => node("canvas"));
  const paths = slots.map((_, piece) => {
    const points = outline(board, piece);
    return new Path2D(`M${points.slice(0, 2)}C${points.slice(2)}`);
  });
  /** The corner of the canvas of a piece on the board. */
  const corner = (piece: number): [x: number, y: number] => {
    const [x, y] = home(board, piece);
    return [x - width / 2 - tab, y - height / 2 - tab];
  };

  return {
    faces,
    lay(piece, [x, y, turn]) {
      const [left, top] = corner(piece);
      const { style } = faces[piece] as HTMLCanvasElement;
      style.transform = `translate(${x}px,${y}px)rotate(${turn * 90}deg)translate(${left}px,${top}px)`;
    },
    covers(piece, x, y, nearly) {
      const path = paths[piece] as Path2D;
      ruler.lineWidth = nearly;
      return ruler.isPointInPath(path, x, y) || ruler.isPointInStroke(path, x, y);
    },
    cut(scale) {
      faces.forEach((face, piece) => {
        const context = brush(face);
        const path = paths[piece] as Path2D;
        const [left, top] = corner(piece);
        const edge = tab / 20;
        face.width = (width + 2 * tab) * scale;
        face.height = (height + 2 * tab) * scale;
        face.style.width = `${face.width / scale}px`;
        const aim = (by: number): void =>
          context.setTransform(scale, 0, 0, scale, (by - left) * scale, (by - top) * scale);
        aim(0);
        context.save();
        context.clip(path);
        context.imageSmoothingQuality = "high";
        context.drawImage(image, 0, 0, cols * width, rows * height);
        // The edge of the card: light falls from the top left.
        context.lineWidth = edge * 2;
        for (const side of [-1, 1]) {
          aim(side * edge);
          context.strokeStyle = side < 0 ? "#0007" : "#fff8";
          context.stroke(path);
        }
        context.restore();
        context.globalCompositeOperation = "destination-over";
        context.shadowBlur = tab * scale * 0.2;
        context.shadowColor = "#0009";
        context.fill(path);
      });
    },
  };
}
