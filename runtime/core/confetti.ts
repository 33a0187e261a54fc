import type { Disposer } from "./disposer";
import { node } from "./dom";

const PIECES = 40;
/** Milliseconds that a piece takes to fall, and how much later the last one starts. */
const FALL = 2400;
const SPREAD = 800;

/** Small pieces of card in the skin's colours rain over the table once. For those who want less motion it is not called. */
export function confetti(over: HTMLElement, undo: Disposer): void {
  const pieces = Array.from({ length: PIECES }, () => node("i"));
  const sky = node("div", "pg-confetti", ...pieces);
  over.append(sky);
  for (const piece of pieces) {
    const chance = Math.random();
    piece.style.left = `${chance * 100}%`;
    const end = `translate(${chance * 160 - 80}px,${over.clientHeight + 20}px) rotate(${(chance * 9999) % 900}deg)`;
    piece.animate([{}, { transform: end }], { duration: FALL, delay: Math.random() * SPREAD, easing: "ease-in" });
  }
  undo.later(() => sky.remove(), FALL);
}
