/** The table of the memory game: cards that are buttons. What a card shows is said, drawn and named only once it lies open. */

import { node } from "../../core/dom";
import { makeGrid } from "../../core/grid";
import type { LoadedPicture, Stage, View } from "../../core/types";
import { columnsFor } from "./layout";
import type { Memory, Turn } from "./rules";

export function view(stage: Stage<Memory, Turn>): View<Memory, Turn> {
  const { text, pictures } = stage;
  const { cards } = stage.state;
  const names = namesOf(stage);
  const grid = makeGrid(stage, cards.length, text("grid", { count: cards.length }));
  const board = node("div", "memory", grid.element);
  stage.root.append(board);
  let columns = 0;
  let pixels = 1;

  const canvases = grid.cells.map((button, card) => {
    const canvas = node("canvas");
    button.append(node("span", "card", node("span", "back"), node("span", "face", canvas)));
    stage.on(button, "click", (event) => {
      // The second half of a double click on a card is an accident: it would turn a pair down before it was seen.
      if (event.detail < 2) stage.play({ card });
    });
    return canvas;
  });

  stage.onSize((width, height) => {
    const layout = columnsFor(cards.length, width, height);
    board.style.setProperty("--side", `${layout.side}px`);
    pixels = Math.round(layout.side * devicePixelRatio);
    if (columns !== layout.columns) grid.layRows(layout.columns);
    columns = layout.columns;
    dress(stage.state);
  });

  /** Gives every card its side, its name and, when it lies open, its picture: one picture for two cards, fetched once. */
  function dress({ open, found }: Memory): void {
    grid.cells.forEach((button, card) => {
      const isOpen = open.includes(card);
      const isPair = found[card] === true;
      const picture = cards[card] as number;
      const canvas = canvases[card] as HTMLCanvasElement;
      button.className = isPair ? "up pair" : isOpen ? (open.length === 2 ? "up odd" : "up") : "";
      const values = { row: Math.floor(card / columns) + 1, column: (card % columns) + 1 };
      const name = isPair ? "pair" : isOpen ? "up" : "hidden";
      button.setAttribute(
        "aria-label",
        text(name, name === "hidden" ? values : { ...values, picture: names[picture] as string }),
      );
      if (name !== "hidden" && canvas.width !== pixels) {
        const { image } = pictures[picture] as LoadedPicture;
        const side = Math.min(image.naturalWidth, image.naturalHeight);
        const [x, y] = [(image.naturalWidth - side) / 2, (image.naturalHeight - side) / 2];
        canvas.width = canvas.height = pixels;
        const context = canvas.getContext("2d");
        if (!context) return;
        context.imageSmoothingQuality = "high";
        context.drawImage(image, x, y, side, side, 0, 0, pixels, pixels);
      }
    });
  }

  return {
    show(state, move) {
      dress(state);
      if (!move) return;
      const { card } = move;
      const isPair = state.found[card] === true;
      const isOpen = state.open.includes(card);
      const key = isPair ? "matched" : !isOpen ? "closed" : state.open.length === 2 ? "missed" : "turned";
      stage.say(text(key, isPair || isOpen ? { picture: names[cards[card] as number] as string } : {}));
      stage.sound(isPair ? "join" : isOpen ? "pick" : "drop");
      grid.go(card);
    },
    focus: grid.focus,
  };
}

/** What the player is told of each picture: its alternative text, and a number where that is missing or not its own. */
function namesOf({ pictures, text }: Stage<Memory, Turn>): string[] {
  const alts = pictures.map(({ alt }) => alt.replace(/[.\s]+$/, ""));
  return alts.map((alt, picture) => {
    const n = picture + 1;
    if (!alt) return text("picture", { n });
    return alts.indexOf(alt) === alts.lastIndexOf(alt) ? alt : text("twin", { alt, n });
  });
}
