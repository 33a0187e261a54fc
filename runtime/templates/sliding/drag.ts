/** Tiles follow the finger or the mouse along the way to the gap, and slide when they are let go beyond the middle. */

import type { Grid } from "../../core/grid";
import type { Stage } from "../../core/types";
import { gapOf, type Slide, type Sliding, stepTo } from "./rules";

/** Pixels that a finger may tremble in a tap. */
const TREMBLE = 6;

/**
 * Makes the tiles under the grid's buttons follow a pointer. The answer tells a click apart from the end of a drag: true when the click
 * that is being handled belongs to a drag, which has played its move already.
 */
export function makeDrag(
  stage: Stage<Sliding, Slide>,
  grid: Grid,
  tileOf: (tile: number) => HTMLElement,
): () => boolean {
  /** The tiles that go with the pointer: from the one under it up to the gap. None between two drags. */
  let run: HTMLElement[] = [];
  let cell = 0;
  let isAcross = false;
  /** Where the pointer went down, which way the gap is, how far a tile can go, and how far it has come. */
  let from = 0;
  let way = 1;
  let length = 0;
  let come = 0;
  let isDrag = false;

  function shift(translate: string): void {
    for (const tile of run) {
      tile.classList.toggle("held", translate !== "");
      tile.style.translate = translate;
    }
  }

  stage.on(grid.element, "pointerdown", (event) => {
    if (!event.isPrimary || event.button) return;
    isDrag = false;
    const { size, tiles } = stage.state;
    const button = event.target as HTMLButtonElement;
    const gap = gapOf(tiles);
    cell = grid.cells.indexOf(button);
    const step = stepTo(size, gap, cell);
    if (cell < 0 || step === 0) return;
    isAcross = Math.abs(step) === 1;
    from = isAcross ? event.clientX : event.clientY;
    way = -Math.sign(step);
    length = isAcross ? button.offsetWidth : button.offsetHeight;
    come = 0;
    for (let at = cell; at !== gap; at -= step) run.push(tileOf(tiles[at] as number));
    button.setPointerCapture(event.pointerId);
  });

  stage.on(grid.element, "pointermove", (event) => {
    if (!event.isPrimary || !run.length) return;
    come = Math.min(length, Math.max(0, ((isAcross ? event.clientX : event.clientY) - from) * way));
    isDrag ||= come > TREMBLE;
    if (isDrag) shift(isAcross ? `${come * way}px` : `0 ${come * way}px`);
  });

  const letGo = (event: PointerEvent): void => {
    if (!event.isPrimary || !run.length) return;
    shift("");
    run = [];
    if (isDrag && event.type === "pointerup" && come > length / 2) stage.play({ cell });
  };
  stage.on(grid.element, "pointerup", letGo);
  stage.on(grid.element, "pointercancel", letGo);

  return () => isDrag;
}
