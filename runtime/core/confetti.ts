import type { Disposer } from "./disposer";
import { node } from "./dom";

const PIECES = 48;

/** Small pieces of card in the skin's colours rain over the table once. For those who want less motion it is not called. */
export function confetti(over: HTMLElement, undo: Disposer): void {
  const sky = node("div", "pg-confetti");
  sky.setAttribute("aria-hidden", "true");
  over.append(sky);
  undo.defer(() => sky.remove());
  for (let n = 0; n < PIECES; n++) {
    const piece = node("i");
    sky.append(piece);
    const from = Math.random() * 100;
    piece.style.left = `${from}%`;
    const drift = (Math.random() - 0.5) * 160;
    const spin = Math.random() * 900 - 450;
    piece.animate(
      [
        { transform: `translate(0, -20px) rotate(0)`, opacity: 1 },
        { transform: `translate(${drift}px, ${over.clientHeight + 20}px) rotate(${spin}deg)`, opacity: 0.9 },
      ],
      {
        duration: 1600 + Math.random() * 1400,
        delay: Math.random() * 500,
        easing: "cubic-bezier(.2,.5,.6,1)",
        fill: "both",
      },
    );
  }
  undo.later(() => sky.remove(), 3600);
}
