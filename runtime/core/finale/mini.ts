import type { Disposer } from "../disposer";
import type { Round } from "../round";

/** Milliseconds between two moves of a miniature, and how many such pauses the finished game is admired. */
const PAUSE = 900;
const ADMIRE = 3;

/** Plays a miniature slowly by hints, again and again, while somebody can see it. */
export function playByItself(round: () => Round, again: () => void, element: Element, undo: Disposer): void {
  let inView = true;
  const watcher = new IntersectionObserver(([entry]) => {
    inView = entry?.isIntersecting ?? true;
  });
  watcher.observe(element);
  undo.defer(() => watcher.disconnect());
  let admired = 0;
  const beat = setInterval(() => {
    if (document.hidden || !inView || round().hint()) return;
    admired = (admired + 1) % ADMIRE;
    if (!admired) again();
  }, PAUSE);
  undo.defer(() => clearInterval(beat));
}
