/** The jigsaw for keyboard and screen reader: a list of loose pieces and a list of places, as real controls beside the canvas. */

import { button, node } from "../../core/dom";
import type { Stage } from "../../core/types";
import { type Jigsaw, type Move, placed } from "./rules";

/** What the keys do. */
export interface Doing {
  /** The keyboard is on a piece, and on a place for it or -1. */
  show(piece: number, cell: number): void;
  put(piece: number, cell: number): void;
  leave(): void;
}

export interface Keys {
  readonly element: HTMLElement;
  /** The list of pieces; its value is the piece that is chosen. */
  readonly list: HTMLSelectElement;
  /** Says of every piece and place what is true now. */
  refresh(): void;
}

export function keys(stage: Stage<Jigsaw, Move>, doing: Doing): Keys {
  const { on, text } = stage;
  const { cols, slots } = stage.state;
  const [list, places] = ["pieces", "places"].map((name) => {
    const select = node("select");
    select.size = 9;
    select.setAttribute("aria-label", text(name));
    return select;
  }) as [HTMLSelectElement, HTMLSelectElement];
  // Nobody sees the list: what would be a tooltip describes it to those who hear it.
  list.title = text("help");
  const put = (): void => {
    doing.put(+list.value, places.selectedIndex);
    list.focus();
  };
  const element = node("div", "pg-said", list, places, button("", put, text("put")));

  /** New options; the one that was chosen stays so. */
  function offer(select: HTMLSelectElement, options: HTMLOptionElement[]): void {
    const { value } = select;
    select.replaceChildren(...options);
    select.value = value;
    if (!select.value) select.selectedIndex = 0;
  }

  function refresh(): void {
    const { spots, groups } = stage.state;
    offer(
      list,
      // In the order of their slots, along the rows in which they lie, whatever their place in the picture.
      slots.flatMap((_, slot) => {
        const piece = slots.indexOf(slot);
        const spot = spots[piece] as Jigsaw["spots"][number];
        if (groups[piece] !== piece || placed(spot)) return [];
        const name = text("piece", { number: slot + 1 });
        return new Option(spot[2] ? text("turned", { name }) : name, `${piece}`);
      }),
    );
    const piece = +list.value;
    offer(
      places,
      spots.map((spot, cell) => {
        // Where the piece fits, or the way there.
        const [column, row] = [cell % cols, Math.floor(cell / cols)];
        const right = Math.sign((piece % cols) - column);
        const down = Math.sign(Math.floor(piece / cols) - row);
        const full = placed(spot);
        const fits = right || down || full ? "" : spot[2] ? "upright" : "fits";
        const words = [full ? "filled" : fits, ["left", "", "right"][right + 1], ["up", "", "down"][down + 1]];
        const said = words.flatMap((word) => (word ? text(word) : []));
        return new Option([text("place", { row: row + 1, column: column + 1 }), ...said].join(", "), `${cell}`);
      }),
    );
    // A keyboard is seen at work; a finger is not.
    const focused = element.querySelector(":focus-visible");
    if (list.value && focused) doing.show(piece, focused === list ? -1 : places.selectedIndex);
  }

  on(element, "focusin", refresh);
  on(element, "change", refresh);
  on(element, "focusout", doing.leave);
  on(element, "keydown", (event) => {
    const { key, target } = event;
    const at = places.selectedIndex;
    const to = {
      ArrowLeft: at - 1,
      ArrowRight: at + 1,
      ArrowUp: at - cols,
      ArrowDown: at + cols,
      Home: at - (at % cols),
      End: at - (at % cols) + cols - 1,
    }[key];
    if (key === "Escape") list.focus();
    else if (target === list && key === "Enter") places.focus();
    else if (target === places && key === "Enter") put();
    else if (target === places && to !== undefined) {
      if (places.options[to]) places.selectedIndex = to;
      refresh();
    } else return;
    event.preventDefault();
  });

  return { element, list, refresh };
}
