/** Cells in rows for a board of buttons: one Tab stop, arrow keys from cell to cell, and roles that a screen reader knows. */

import type { Stage } from "./types";

export interface Grid {
  readonly element: HTMLElement;
  /** The buttons, row by row. They stay the same when the rows change. */
  readonly cells: readonly HTMLButtonElement[];
  /** Lays the cells in rows of so many, which they are not before; the last row may be shorter. */
  layRows(columns: number): void;
  /** Makes a cell the one that Tab comes to, and takes the keyboard there when it is in the grid already. */
  go(cell: number): void;
  /** Takes the keyboard to the cell that Tab comes to. */
  focus(): void;
}

/**
 * A grid of `count` buttons named `label`. Arrow keys, Home and End walk in it, with Ctrl from end to end. `step` hears of each plain arrow
 * key before it leads from one cell to its neighbour, and takes it over by answering true.
 */
export function makeGrid(
  { on }: Pick<Stage<unknown, unknown>, "on">,
  count: number,
  label: string,
  step: (from: number, to: number) => boolean = () => false,
): Grid {
  const element = document.createElement("div");
  element.setAttribute("role", "grid");
  element.setAttribute("aria-label", label);
  const cells = Array.from({ length: count }, () => {
    const button = document.createElement("button");
    button.type = "button";
    button.tabIndex = -1;
    return button;
  });
  let columns = 1;
  let current = 0;

  function go(cell: number): void {
    const held = element.contains(document.activeElement);
    (cells[current] as HTMLElement).tabIndex = -1;
    current = cell;
    (cells[cell] as HTMLElement).tabIndex = 0;
    if (held) focus();
  }

  function focus(): void {
    (cells[current] as HTMLElement).focus();
  }

  function layRows(wide: number): void {
    columns = wide;
    const held = element.contains(document.activeElement);
    element.replaceChildren();
    cells.forEach((button, cell) => {
      if (cell % columns === 0) element.append(withRole("row"));
      const place = withRole("gridcell");
      place.append(button);
      element.lastElementChild?.append(place);
    });
    if (held) focus();
  }

  on(element, "focusin", ({ target }) => {
    const cell = cells.indexOf(target as HTMLButtonElement);
    if (cell >= 0) go(cell);
  });
  on(element, "keydown", (event) => {
    const column = current % columns;
    const end = Math.min(current - column + columns, count) - 1;
    const to = {
      ArrowLeft: column ? current - 1 : -1,
      ArrowRight: current < end ? current + 1 : -1,
      ArrowUp: current - columns,
      ArrowDown: current + columns,
      Home: event.ctrlKey ? 0 : current - column,
      End: event.ctrlKey ? count - 1 : end,
    }[event.key];
    if (to === undefined || event.altKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    if (to < 0 || to >= count || to === current) return;
    if (event.ctrlKey || !event.key.startsWith("Arrow") || !step(current, to)) go(to);
  });
  go(0);
  return { element, cells, layRows, go, focus };
}

function withRole(role: string): HTMLElement {
  const element = document.createElement("div");
  element.setAttribute("role", role);
  return element;
}
