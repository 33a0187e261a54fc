import type { Disposer } from "../disposer";
import { node } from "../dom";

const PIECES = 40;
/** Milliseconds in which a piece falls. */
const FALL = 2400;

/** Small pieces of card in the skin's colours rain over the table once. For those who want less motion it is not called. */
export function confetti(over: HTMLElement, undo: Disposer): void {
  const sky = node("div", "pg-confetti");
  over.append(sky);
  for (let n = 0; n < PIECES; n++) {
    const piece = node("i");
    sky.append(piece);
    piece.style.left = `${Math.random() * 100}%`;
    const transform = `translateY(${over.clientHeight + 20}px) rotate(${n * 30}deg)`;
    piece.animate({ transform }, { duration: FALL, delay: n * 20, easing: "ease-in" });
  }
  undo.later(() => sky.remove(), FALL);
}
