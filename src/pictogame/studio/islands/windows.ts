/** Who comes back to the maker's page sees what another window did to the game meanwhile. */
import { find, htmx } from "./page";

/** Not more often than this, in milliseconds: some people change windows a lot. */
const REST = 2000;

export function windows(): void {
  let lookedAt = Date.now();
  const look = () => {
    const next = find("#next[data-progress]");
    const url = next?.dataset.progress;
    if (!next || !url || document.visibilityState !== "visible" || Date.now() - lookedAt < REST) return;
    lookedAt = Date.now();
    void htmx()?.ajax("GET", url, { source: next, target: next, swap: "none" });
  };
  document.addEventListener("visibilitychange", look);
  window.addEventListener("focus", look);
}
