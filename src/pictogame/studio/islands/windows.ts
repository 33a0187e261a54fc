/** Who comes back to the maker's page sees what another window did to the game meanwhile. */
import { find, htmx } from "./page";

/** Not more often than this, in milliseconds: some people change windows a lot. */
const REST = 2000;

/** Rows of pictures that came with an answer: not those that are there by now, nor any while this page sends some itself. */
function leaveOwnRows(event: Event): void {
  const { fragment } = (event as CustomEvent<{ readonly fragment: ParentNode }>).detail;
  for (const row of fragment.querySelectorAll("li.picture")) {
    if (document.body.dataset.sending || document.getElementById(row.id)) row.remove();
  }
}

export function windows(): void {
  document.addEventListener("htmx:oobBeforeSwap", leaveOwnRows);
  let lookedAt = Date.now();
  const look = () => {
    const next = find("#next[data-progress]");
    const url = next?.dataset.progress;
    if (!next || !url || document.visibilityState !== "visible" || Date.now() - lookedAt < REST) return;
    lookedAt = Date.now();
    // Without an answer, the next look sees it.
    htmx()
      ?.ajax("GET", url, { source: next, target: next, swap: "none" })
      .catch(() => {});
  };
  document.addEventListener("visibilitychange", look);
  window.addEventListener("focus", look);
}
