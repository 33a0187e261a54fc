import type { Disposer } from "./disposer";
import { node } from "./dom";
import type { Text } from "./types";

/** One kind sentence in place of the game, and a way to try once more. */
export function trouble(element: HTMLElement, text: Text, again: () => void, undo: Disposer): void {
  const sentence = node("p", "", text("failed"));
  sentence.setAttribute("role", "alert");
  const retry = node("button", "pg-act", text("retry"));
  undo.on(retry, "click", again);
  element.replaceChildren(node("div", "pg-table", node("div", "pg-veil", sentence, retry)));
}
