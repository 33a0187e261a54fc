/** Tiles follow the finger or the mouse along the way to the gap, and slide on when they are let go far enough. */

import type { Grid } from "../../core/grid";
import type { Stage } from "../../core/types";
import { gapOf, type Slide, type Sliding, stepTo } from "./rules";

/** Pixels that a finger may tremble in a tap. */
const TREMBLE = 8;
/** Share of its way after which a tile that is let go slides on: little enough for a flick. */
const FAR_ENOUGH = 0.25;

/**
 * Makes the tiles under the grid's buttons follow a pointer, and slides a tile that is tapped as soon as the pointer is up: browsers send no
 * click for a tap right after a flick. The answer is true while the next click is one that was acted on like this.
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
  let down = { clientX: 0, clientY: 0 };
  let way = 1;
  let length = 0;
  let come = 0;
  let isDrag = false;
  let acted = false;

  function shift(translate: string): void {
    for (const tile of run) {
      tile.style.transition = translate && "none";
      tile.style.translate = translate;
    }
  }

  /** A second finger is nobody's. */
  const on = (
    type: "pointerdown" | "pointermove" | "pointerup" | "pointercancel",
    act: (event: PointerEvent) => void,
  ) => stage.on(grid.element, type, (event) => event.isPrimary && act(event));

  on("pointerdown", (event) => {
    if (event.button) return;
    acted = isDrag = false;
    const { size, tiles } = stage.state;
    const button = event.target as HTMLButtonElement;
    const gap = gapOf(tiles);
    cell = grid.cells.indexOf(button);
    const step = stepTo(size, gap, cell);
    if (cell < 0 || step === 0) return;
    isAcross = Math.abs(step) === 1;
    down = event;
    way = -Math.sign(step);
    length = isAcross ? button.offsetWidth : button.offsetHeight;
    come = 0;
    for (let at = cell; at !== gap; at -= step) run.push(tileOf(tiles[at] as number));
    button.setPointerCapture(event.pointerId);
  });

  on("pointermove", (event) => {
    if (!run.length) return;
    const [x, y] = [event.clientX - down.clientX, event.clientY - down.clientY];
    come = Math.min(length, Math.max(0, (isAcross ? x : y) * way));
    isDrag ||= Math.hypot(x, y) > TREMBLE;
    if (isDrag) shift(isAcross ? `${come * way}px` : `0 ${come * way}px`);
  });

  const letGo = (event: PointerEvent): void => {
    if (!run.length) return;
    acted = true;
    shift("");
    run = [];
    if (event.type === "pointerup" && (!isDrag || come > length * FAR_ENOUGH)) stage.play({ cell });
  };
  on("pointerup", letGo);
  on("pointercancel", letGo);

  return () => acted;
}
