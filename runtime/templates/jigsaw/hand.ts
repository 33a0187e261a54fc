/** Mouse, finger and pen on the felt: a piece is dragged or tapped, the felt is panned, two fingers pinch. */

import type { Stage } from "../../core/types";

/** What a hand can do, in board units. */
export interface Reach {
  /** The point of the board under a point of the screen, however the board lies just now. */
  point(x: number, y: number): [x: number, y: number];
  /** The loose piece under a point; -1 where there is none. */
  hit(x: number, y: number): number;
  /** Takes the group of the piece off the table. */
  lift(piece: number): void;
  /** Holds what was lifted so far from where it lay. */
  carry(x: number, y: number): void;
  /** Puts down what was lifted where it is. */
  drop(): void;
  /** Puts back what was lifted. */
  release(): void;
  tap(x: number, y: number, piece: number): void;
  /** Moves the board; false when all of it is seen and there is nowhere to go. */
  pan(x: number, y: number): boolean;
  /** Looks so many times closer at a point. */
  zoom(factor: number, x: number, y: number): void;
}

/** A finger trembles less than this, in CSS pixels. */
const STILL = 6;

/** Listens on the felt. What comes back ends what a finger does. */
export function hand({ on }: Pick<Stage<never, never>, "on">, felt: HTMLElement, reach: Reach): () => void {
  const fingers = new Map<number, PointerEvent>();
  let [startX, startY, piece] = [0, 0, -1];
  /** What the first finger does; nothing more until all fingers are up again. */
  let doing: "tap" | "drag" | "pan" | "" = "";
  const apart = (one: PointerEvent, other: PointerEvent): number =>
    Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY);
  const stop = (): void => {
    doing = "";
    reach.release();
  };

  on(felt, "pointerdown", (event) => {
    if (event.button || fingers.size > 1) return;
    felt.focus({ preventScroll: true });
    if (fingers.size) stop();
    else {
      [startX, startY] = reach.point(event.clientX, event.clientY);
      piece = reach.hit(startX, startY);
      doing = "tap";
    }
    fingers.set(event.pointerId, event);
    felt.setPointerCapture(event.pointerId);
  });

  on(felt, "pointermove", (event) => {
    const before = fingers.get(event.pointerId);
    if (!before) return;
    const [x, y] = reach.point(event.clientX, event.clientY);
    for (const [id, other] of fingers)
      if (id !== event.pointerId) reach.zoom(apart(event, other) / apart(before, other), x, y);
    if (doing === "tap") {
      // The first event stays what it was pressed with, until the finger has really moved.
      if (apart(event, before) < STILL) return;
      doing = piece < 0 ? "pan" : "drag";
      if (piece >= 0) reach.lift(piece);
    }
    fingers.set(event.pointerId, event);
    if (doing === "drag") reach.carry(x - startX, y - startY);
    if (doing === "pan") reach.pan(x - startX, y - startY);
  });

  on(felt, "pointerup", ({ pointerId }) => {
    fingers.delete(pointerId);
    if (doing === "drag") reach.drop();
    if (doing === "tap") reach.tap(startX, startY, piece);
    doing = "";
  });
  on(felt, "pointercancel", ({ pointerId }) => {
    fingers.delete(pointerId);
    if (doing) stop();
  });
  // A finger on bare felt may scroll the page, unless the board is larger than its frame.
  on(
    felt,
    "touchstart",
    (event) => {
      if (fingers.size > 1 || piece >= 0 || reach.pan(0, 0)) event.preventDefault();
    },
    { passive: false },
  );
  return stop;
}
