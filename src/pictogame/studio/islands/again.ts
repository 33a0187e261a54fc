/** Parts of a page that ask how things stand until they are done: a question without an answer is asked again. */
import { find, htmx } from "./page";

/** Until the first new try, in milliseconds; each further one waits twice as long, up to the most. */
const [FIRST, MOST] = [2000, 60_000];

/** No answer, or one that says no more than "not now". */
const isLost = (status: number): boolean => status === 0 || status >= 500 || [408, 425, 429].includes(status);

interface Answered {
  readonly xhr: XMLHttpRequest;
  readonly elt: Element;
  readonly successful?: boolean;
}

const asking = "[data-again]";

export function again(): void {
  let pause = FIRST;
  let waiting = 0;
  const ask = () => {
    clearTimeout(waiting);
    waiting = 0;
    const part = find(asking);
    if (part) htmx()?.trigger(part, "again");
  };
  document.addEventListener("htmx:beforeOnLoad", (event) => {
    const { elt, xhr } = (event as CustomEvent<Answered>).detail;
    // The server's trouble is not the reader's: nothing is said of it, and nothing on the page moves.
    if (elt.matches(asking) && isLost(xhr.status)) event.preventDefault();
  });
  // Of any request: one that a form's request kept from being sent goes on when that fails.
  document.addEventListener("htmx:afterRequest", (event) => {
    clearTimeout(waiting);
    waiting = 0;
    const { successful, xhr } = (event as CustomEvent<Answered>).detail;
    if (successful) {
      pause = FIRST;
    } else if (isLost(xhr.status) && find(asking)) {
      waiting = window.setTimeout(ask, pause);
      pause = Math.min(2 * pause, MOST);
    }
  });
  // Who comes back, or is connected again, need not wait for the rest of a pause.
  const now = () => {
    if (waiting && document.visibilityState === "visible") ask();
  };
  document.addEventListener("visibilitychange", now);
  window.addEventListener("online", now);
}
