/** The board of swap: a grid of buttons, each with a canvas on it that is its tile; tiles travel from button to button. */

import { button, icon, node } from "../../core/dom";
import { makeGrid } from "../../core/grid";
import type { LoadedPicture, Stage, View } from "../../core/types";
import { makeDrag } from "./drag";
import { isHome, type Swap, type SwapMove } from "./rules";

/** Room around the tiles for shadow and focus, in CSS pixels. */
const RIM = 12;
const TRAVEL = 220;
/** Half the button for turning, less what may hang over the rim. */
const TURNER = 14;
const QUARTER = "M20 4v5h-5M19.5 9a8 8 0 1 0 .5 4";

export function view(stage: Stage<Swap, SwapMove>): View<Swap, SwapMove> {
  const { text } = stage;
  const { columns, rows, turned } = stage.state;
  const { image, width, height } = stage.pictures[0] as LoadedPicture;
  const count = columns * rows;
  const label = `${text("grid", { columns, rows })} ${turned ? text("keys") : ""}`;
  const grid = makeGrid(stage, count, label.trim());
  grid.layRows(columns);
  grid.element.className = "swap";
  const canvases = grid.cells.map(() => node("canvas"));
  const tileIn = (cell: number) => stage.state.tiles[cell] as number;
  const canvasIn = (cell: number) => canvases[tileIn(cell)] as HTMLCanvasElement;

  let picked = -1;
  const turner = button("swap-turn", () => stage.play({ turn: picked }), icon(QUARTER));
  turner.title = text("turn");
  turner.setAttribute("aria-label", text("turn"));
  turner.hidden = true;
  const board = node("div", "swap-board", grid.element, turner);
  stage.root.append(board);

  function pick(cell: number): void {
    grid.cells[picked]?.removeAttribute("aria-pressed");
    picked = cell;
    turner.hidden = !turned || cell < 0;
    const here = grid.cells[cell];
    if (!here) return;
    here.setAttribute("aria-pressed", "true");
    // The button for turning lies on the far lower corner of its tile, so that small tiles stay in sight, and on the board.
    const place = here.parentElement as HTMLElement;
    turner.style.left = `${Math.min(place.offsetLeft + place.offsetWidth, board.offsetWidth - TURNER)}px`;
    turner.style.top = `${Math.min(place.offsetTop + place.offsetHeight, board.offsetHeight - TURNER)}px`;
  }

  function choose(cell: number): void {
    if (picked < 0) {
      pick(cell);
      stage.say(text("picked"));
      stage.sound("pick");
    } else if (picked !== cell) {
      stage.play({ swap: [picked, cell] });
    } else if (turned) {
      stage.play({ turn: cell });
    } else {
      pick(-1);
      stage.say(text("put"));
    }
  }

  const isActedOn = makeDrag(stage, grid.cells, canvasIn, (from, to) => {
    if (from === to) return choose(from);
    pick(-1);
    if (to >= 0) stage.play({ swap: [from, to] });
  });
  stage.on(grid.element, "click", ({ target, detail }) => {
    const cell = grid.cells.indexOf(target as HTMLButtonElement);
    // A click of a key or of a screen reader has no detail.
    if (cell >= 0 && !(detail && isActedOn())) choose(cell);
  });
  stage.on(grid.element, "keydown", (event) => {
    const cell = grid.cells.indexOf(event.target as HTMLButtonElement);
    if (event.key === "Escape") pick(-1);
    if (event.key.toLowerCase() === "r" && turned && !event.ctrlKey && !event.metaKey) stage.play({ turn: cell });
  });

  stage.onSize((roomWide, roomHigh) => {
    // Turned tiles must be squares; else the tiles take the whole picture, whatever its ratio.
    const ratio = turned ? columns / rows : width / height;
    const tileWide = Math.max(1, Math.floor(Math.min(roomWide - RIM, (roomHigh - RIM) * ratio) / columns));
    const tileHigh = Math.max(1, turned ? tileWide : Math.round((tileWide * columns) / ratio / rows));
    board.style.width = `${tileWide * columns}px`;
    board.style.height = `${tileHigh * rows}px`;
    const scale = Math.min(image.naturalWidth / (tileWide * columns), image.naturalHeight / (tileHigh * rows));
    const left = (image.naturalWidth - scale * tileWide * columns) / 2;
    const top = (image.naturalHeight - scale * tileHigh * rows) / 2;
    canvases.forEach((canvas, tile) => {
      canvas.width = Math.round(tileWide * devicePixelRatio);
      canvas.height = Math.round(tileHigh * devicePixelRatio);
      const context = canvas.getContext("2d");
      if (!context) return;
      context.imageSmoothingQuality = "high";
      const [wide, high] = [scale * tileWide, scale * tileHigh];
      const [x, y] = [left + (tile % columns) * wide, top + Math.floor(tile / columns) * high];
      context.drawImage(image, x, y, wide, high, 0, 0, canvas.width, canvas.height);
    });
    pick(picked);
  });

  const placeOf = (cell: number) => ({ row: Math.floor(cell / columns) + 1, column: (cell % columns) + 1 });

  function nameOf(state: Swap, cell: number): string {
    const tile = state.tiles[cell] as number;
    const turns = state.turns[tile] as number;
    const words = [text("tile", { tile: tile + 1, ...placeOf(cell) })];
    if (isHome(state, cell)) words.push(text("home"));
    else if (tile !== cell) words.push(text("belongs", placeOf(tile)));
    if (turns) words.push(text("lies", { degrees: turns * 90 }));
    return words.join(", ");
  }

  /** From where a tile lay to where it lies now; with less motion it fades in. */
  function travel(canvas: HTMLCanvasElement, from: DOMRect, turns: number, turning: boolean): void {
    const to = (canvas.parentElement as HTMLElement).getBoundingClientRect();
    const way = `translate(${from.left - to.left}px,${from.top - to.top}px)`;
    const start = stage.motion
      ? { transform: `${way} rotate(${90 * (turning ? turns - 1 : turns)}deg)`, zIndex: 2 }
      : { opacity: 0 };
    const end = stage.motion ? { transform: `rotate(${90 * turns}deg)`, zIndex: 2 } : { opacity: 1 };
    canvas.animate([start, end], { duration: TRAVEL, easing: "cubic-bezier(.3,.1,.2,1.2)" });
  }

  let shown: Swap | null = null;
  return {
    show(state, move) {
      const changed = state.tiles.flatMap((tile, cell) =>
        !shown || tile !== shown.tiles[cell] || state.turns[tile] !== shown.turns[tile] ? [cell] : [],
      );
      const lay = changed.map((cell) => (canvases[state.tiles[cell] as number] as HTMLElement).getBoundingClientRect());
      for (const cell of changed) {
        const canvas = canvases[state.tiles[cell] as number] as HTMLCanvasElement;
        const here = grid.cells[cell] as HTMLElement;
        here.append(canvas);
        canvas.style.translate = "";
        canvas.style.transform = `rotate(${90 * (state.turns[state.tiles[cell] as number] as number)}deg)`;
        here.setAttribute("aria-label", nameOf(state, cell));
        here.classList.toggle("swap-home", isHome(state, cell));
      }
      shown = state;
      board.classList.toggle(
        "swap-whole",
        state.tiles.every((_, cell) => isHome(state, cell)),
      );
      if (!move) return;
      changed.forEach((cell, n) => {
        const tile = state.tiles[cell] as number;
        travel(canvases[tile] as HTMLCanvasElement, lay[n] as DOMRect, state.turns[tile] as number, "turn" in move);
      });
      if ("swap" in move) {
        pick(-1);
        grid.go(move.swap[1]);
      } else if (isHome(state, move.turn)) pick(-1);
      stage.sound(changed.some((cell) => isHome(state, cell)) ? "join" : "drop");
      stage.say(changed.map((cell) => nameOf(state, cell)).join(". "));
    },
    focus: grid.focus,
  };
}
