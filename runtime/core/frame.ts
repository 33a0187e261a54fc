import type { Disposer } from "./disposer";
import { node, placeholder } from "./dom";
import type { Page } from "./page";
import { isRightToLeft } from "./text";
import type { Game } from "./types";

/** A card that lies on the table, over the board. */
export const onTable = (...content: (Node | string)[]) => node("div", "pg-veil", node("div", "pg-ticket", ...content));

/** Lays the table in the element and shows the picture's colours and the title: the first frame, before anything else is loaded. */
export function layTable(element: HTMLElement, game: Game, page: Page, undo: Disposer): HTMLElement {
  const table = node("div", "pg", placeholder(game.pictures[0]?.colours ?? []));
  if (!page.mini) table.append(onTable(node("h1", "", game.title)));
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const theme = () => {
    table.dataset.theme = page.theme ?? (dark.matches ? "dark" : "light");
  };
  theme();
  undo.on(dark, "change", theme);
  table.dataset.skin = game.skin.name;
  table.lang = game.lang;
  table.dir = isRightToLeft(game.lang) ? "rtl" : "ltr";
  element.replaceChildren(table);
  return table;
}
