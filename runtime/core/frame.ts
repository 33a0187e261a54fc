import type { Disposer } from "./disposer";
import { node, placeholder } from "./dom";
import type { Page } from "./page";
import { isRightToLeft } from "./text";
import type { Game } from "./types";

/** A card that lies on the table, over the board. */
export const onTable = (...content: (Node | string)[]) => node("div", "pg-veil", node("div", "pg-ticket", ...content));

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
  element.replaceChildren(placeholder(game.pictures[0]?.colours ?? []));
  if (!page.mini) element.append(onTable(node("h1", "", game.title)));
  undo.defer(() => {
    element.replaceChildren();
    element.classList.remove("pg");
    for (const name of ["lang", "dir", "data-skin", "data-theme"]) element.removeAttribute(name);
  });
}
