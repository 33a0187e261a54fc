import type { Stage } from "../../core/types";
import type { Swap, SwapMove } from "./rules";

/** A finger that moves less than this, in CSS pixels, taps. */
const TAP = 6;

/**
 * Lets a tile be dragged onto another; `drop` hears where from and where to (-1 beside the board), and twice the same for a tap, as soon
 * as the pointer is up: browsers send no click for a tap right after a flick. The answer is true while the next click is one that was
 * acted on like this.
 */
export function makeDrag(
  stage: Stage<Swap, SwapMove>,
  cells: readonly HTMLElement[],
  canvasIn: (cell: number) => HTMLElement,
  drop: (from: number, to: number) => void,
): () => boolean {
  let from = -1;
  let over = -1;
  let moved = false;
  let acted = false;
  let startX = 0;
  let startY = 0;

  const cellAt = (x: number, y: number) =>
    cells.findIndex((cell) => {
      const { left, right, top, bottom } = cell.getBoundingClientRect();
      return x >= left && x < right && y >= top && y < bottom;
    });

  function mark(cell: number): void {
    cells[over]?.classList.remove("swap-over");
    over = cell;
    cells[cell]?.classList.add("swap-over");
  }

  function end(drops: boolean): void {
    if (from < 0) return;
    const to = over;
    const canvas = canvasIn(from);
    const start = from;
    mark(-1);
    from = -1;
    canvas.classList.remove("swap-held");
    acted = true;
    if (drops && !moved) drop(start, start);
    else if (drops && to !== start) drop(start, to);
    canvas.style.translate = "";
  }

  for (const cell of cells) {
    stage.on(cell, "pointerdown", (event) => {
      if (event.button || !event.isPrimary) return;
      from = cells.indexOf(cell);
      acted = moved = false;
      startX = event.clientX;
      startY = event.clientY;
      cell.setPointerCapture(event.pointerId);
    });
    stage.on(cell, "pointermove", ({ clientX, clientY }) => {
      if (from < 0) return;
      const [x, y] = [clientX - startX, clientY - startY];
      if (!moved && Math.hypot(x, y) < TAP) return;
      if (!moved) stage.sound("pick");
      moved = true;
      const canvas = canvasIn(from);
      canvas.classList.add("swap-held");
      canvas.style.translate = `${x}px ${y}px`;
      mark(cellAt(clientX, clientY));
    });
    stage.on(cell, "pointerup", () => end(true));
    stage.on(cell, "pointercancel", () => end(false));
  }
  return () => acted;
}
