import type { Disposer } from "./disposer";
import type { Round } from "./round";

/** Between two moves of a miniature, and before it starts over. */
const MOVE = 900;
const ADMIRE = 2600;

/** Plays a miniature slowly by hints, again and again, while somebody can see it. */
export function playByItself(round: () => Round, again: () => void, element: Element, undo: Disposer): void {
  let inView = true;
  const watcher = new IntersectionObserver((entries) => {
    inView = entries.some((entry) => entry.isIntersecting);
  });
  watcher.observe(element);
  undo.defer(() => watcher.disconnect());
  let timer = 0;
  const next = (delay: number) => {
    timer = window.setTimeout(() => {
      if (document.hidden || !inView) next(MOVE);
      else if (round().hint()) next(round().result().finished ? ADMIRE : MOVE);
      else {
        again();
        next(MOVE);
      }
    }, delay);
  };
  undo.defer(() => clearTimeout(timer));
  next(MOVE);
}
