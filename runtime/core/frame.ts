import type { Disposer } from "./disposer";
import { node, placeholder } from "./dom";
import type { Page } from "./page";
import { isRightToLeft } from "./text";
import type { Game } from "./types";

/** Dresses the element for the game and shows its colours and title: the first frame, before anything else is loaded. */
export function dress(element: HTMLElement, game: Game, page: Page, undo: Disposer): void {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const theme = () => {
    element.dataset.theme = page.theme ?? (dark.matches ? "dark" : "light");
  };
  theme();
  undo.on(dark, "change", theme);
  element.classList.add("pg");
  element.dataset.skin = game.skin.name;
  element.lang = game.lang;
  element.dir = isRightToLeft(game.lang) ? "rtl" : "ltr";
  element.replaceChildren(
    node(
      "div",
      "pg-table",
      placeholder(game.pictures[0]?.colours ?? []),
      page.mini ? "" : node("div", "pg-veil", node("h1", "", game.title)),
    ),
  );
  undo.defer(() => {
    element.replaceChildren();
    element.classList.remove("pg");
    for (const name of ["lang", "dir", "data-skin", "data-theme"]) element.removeAttribute(name);
  });
}
