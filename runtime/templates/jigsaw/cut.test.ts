import { describe, expect, it } from "vitest";
import { edge, outline } from "./cut";
import { rules } from "./rules";

const board = rules.start({ pieces: 24, turned: false, shape: "4:3" }, 42, { count: 1, ratio: 4 / 3 });
/** Points of an outline as text, so that a side can be found in it. */
const points = (curve: readonly number[]): string[] =>
  Array.from({ length: curve.length / 2 }, (_, at) => `${curve[2 * at]},${curve[2 * at + 1]}`);

describe("the cut", () => {
  it("gives neighbours the same curve, seen from both sides", () => {
    for (let piece = 0; piece < 24; piece++) {
      const here = points(outline(board, piece));
      const [col, row] = [piece % board.cols, Math.floor(piece / board.cols)];
      if (col < board.cols - 1) {
        const side = points(edge(board, col + 1, row, true));
        expect(here.join(" ")).toContain(side.join(" "));
        expect([...points(outline(board, piece + 1))].reverse().join(" ")).toContain(side.join(" "));
      }
      if (row < board.rows - 1) {
        const side = points(edge(board, col, row + 1, false));
        expect([...here].reverse().join(" ")).toContain(side.join(" "));
        expect(points(outline(board, piece + board.cols)).join(" ")).toContain(side.join(" "));
      }
    }
  });
  it("closes every outline, in whole cubics", () => {
    for (let piece = 0; piece < 24; piece++) {
      const curve = outline(board, piece);
      expect(curve.slice(-2)).toEqual(curve.slice(0, 2));
      expect((curve.length - 2) % 6).toBe(0);
    }
  });
  it("is straight at the rim, and nowhere else", () => {
    for (let col = 0; col < board.cols; col++)
      for (let row = 0; row <= board.rows; row++) {
        const curve = edge(board, col, row, false);
        const level = curve.every((value, at) => at % 2 === 0 || value === row * board.height);
        expect(level).toBe(row === 0 || row === board.rows);
      }
  });
  it("makes no two tabs alike", () => {
    const shapes = new Set<string>();
    for (let row = 1; row < board.rows; row++)
      for (let col = 0; col < board.cols; col++)
        shapes.add(
          edge(board, col, row, false)
            .map((value, at) => Math.round(at % 2 ? value - row * board.height : value - col * board.width))
            .join(),
        );
    expect(shapes.size).toBe((board.rows - 1) * board.cols);
  });
  it("is decided by the seed", () => {
    expect(outline(board, 7)).toEqual(outline({ ...board }, 7));
    expect(outline(board, 7)).not.toEqual(outline({ ...board, seed: 43 }, 7));
  });
});
