import { keepBest, measured } from "./best";
import type { Disposer } from "./disposer";
import { drawn, node } from "./dom";
import { type Page, tellHost } from "./page";
import { clockFace } from "./text";
import type { Game, LoadedPicture, Result, Text } from "./types";

/** An address that can be read and copied where a link or the clipboard is refused. */
function readableAddress(text: Text, url: string): HTMLElement {
  const field = node("input", "pg-address");
  field.readOnly = true;
  field.value = url;
  field.setAttribute("aria-label", text("copy"));
  field.onfocus = () => field.select();
  return node("p", "pg-copy", node("span", "", text("copy")), field);
}

/** The whole picture, what was achieved, and what to do next. `again` starts the next round. */
export function wonPanel(
  game: Game,
  pictures: readonly LoadedPicture[],
  result: Result,
  text: Text,
  page: Page,
  undo: Disposer,
  say: (sentence: string) => void,
  again: () => void,
): HTMLElement {
  const { measure } = game.score;
  const value = measured(game, result);
  const { best, isNew } = keepBest(game, result.difficulty, value);

  const heading = node("h2", "", text("won"));
  heading.tabIndex = -1;
  const facts = node(
    "p",
    "pg-facts",
    node("span", "", text("time", { time: clockFace(result.time_ms, game.lang) })),
    node("span", "", text("moves", { count: result.moves })),
  );
  const record = node("p", "pg-best", text(`best.${measure}`, { best }));
  if (isNew) record.prepend(node("b", "", text("new")), " ");

  const repeat = node("button", "pg-act", text("again"));
  undo.on(repeat, "click", again);

  const place = node("div", "pg-copies");
  const show = (url: string) => {
    const address = readableAddress(text, url);
    place.replaceChildren(address);
    address.querySelector("input")?.focus();
  };
  const challenge = node("button", "", text("challenge"));
  undo.on(challenge, "click", async () => {
    const dare = text(`dare.${measure}`, { count: value, title: game.title });
    tellHost(game, "challenge", { text: dare, url: page.link });
    try {
      if (navigator.share) await navigator.share({ title: game.title, text: dare, url: page.link });
      else {
        await navigator.clipboard.writeText(`${dare} ${page.link}`);
        say(text("copied"));
        place.replaceChildren(node("p", "", text("copied")));
      }
    } catch (error) {
      // A friend who was not chosen after all is no failure; a frame that may neither share nor copy shows the address.
      if ((error as Error)?.name !== "AbortError") show(page.link);
    }
  });

  const buttons = node("div", "pg-choices", repeat, challenge);
  if (page.make) {
    const make = node("a", "", text("make"));
    make.href = page.make;
    make.target = "_blank";
    make.rel = "noopener";
    undo.on(make, "click", (event: MouseEvent) => {
      tellHost(game, "make", { url: page.make });
      // A frame without an origin of its own may not open windows, and fails without a word.
      if (origin !== "null") return;
      event.preventDefault();
      show(page.make);
    });
    buttons.append(make);
  }

  const card = node("div", "pg-card", heading);
  if (game.message) card.append(node("p", "pg-message", game.message));
  card.append(facts, record, buttons, place);
  const photos = node("div", "pg-photos", ...pictures.map(({ image, alt }) => drawn(image, alt)));
  photos.dataset.count = String(Math.min(pictures.length, 12));
  return node("div", "pg-won", photos, card);
}
