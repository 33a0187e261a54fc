import { button, drawn, node } from "../dom";
import { type Page, tellHost } from "../page";
import { clockFace } from "../text";
import type { Game, LoadedPicture, Result, Text } from "../types";
import { keepBest, measured } from "./best";

/** The whole picture, what was achieved, and what to do next. `again` starts the next round. */
export function wonPanel(
  game: Game,
  pictures: readonly LoadedPicture[],
  result: Result,
  text: Text,
  page: Page,
  again: () => void,
): HTMLElement {
  const { make: place = document.documentElement.dataset.make, link: url = location.href.replace(/[?#].*/, "") } = page;
  const { best, isNew } = keepBest(game, result.difficulty, measured(game, result));
  const record = text(`best.${game.score.measure}`, { best });

  /** Something to read after a button was pressed; the live region of its own says it. */
  const note = node("p");
  note.setAttribute("role", "status");
  /** An address that can be read and copied where a link or the clipboard is refused. */
  const show = (url: string) => {
    const field = node("input");
    field.readOnly = true;
    field.value = url;
    field.setAttribute("aria-label", text("copy"));
    note.replaceChildren(text("copy"), field);
    field.select();
  };

  const challenge = async () => {
    const dare = text("dare", { title: game.title, record });
    try {
      if (navigator.share) await navigator.share({ text: dare, url });
      else {
        await navigator.clipboard.writeText(`${dare} ${url}`);
        note.textContent = text("copied");
      }
    } catch (error) {
      // Choosing nobody after all is no failure; a frame that may neither share nor copy shows the address.
      if ((error as Error).name !== "AbortError") show(url);
    }
  };

  const choices = node(
    "div",
    "pg-choices",
    button("pg-act", again, text("again")),
    button("", challenge, text("challenge")),
  );
  if (place) {
    const make = node("a", "pg-button", text("make"));
    make.href = place;
    make.target = "_blank";
    make.rel = "noopener";
    make.onclick = (event) => {
      tellHost(game, "make", { url: place });
      // A frame without an origin of its own may not open windows, and fails without a word.
      if (origin !== "null") return;
      event.preventDefault();
      show(place);
    };
    choices.append(make);
  }

  const heading = node("h2", "", text("won"));
  heading.tabIndex = -1;
  const card = node(
    "div",
    "pg-card",
    heading,
    node("p", "", game.message),
    node(
      "p",
      "pg-facts",
      node("span", "", text("time", { time: clockFace(result.time_ms, game.lang) })),
      node("span", "", text("moves", { count: result.moves })),
      node("span", isNew ? "pg-best" : "", isNew ? `${text("new")} ${record}` : record),
    ),
    choices,
    note,
  );
  return node(
    "div",
    "pg-won",
    // A picture without words is called as the game is: a picture without a name is nothing to a screen reader.
    node(
      "div",
      "pg-photos",
      ...pictures.map(({ image, alt }) => drawn(image, alt || game.title, pictures.length > 1 ? 400 : 1280)),
    ),
    card,
  );
}
