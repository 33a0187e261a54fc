/** The board of the sliding puzzle: painted tiles that move, and above them a still grid of buttons that names what lies where. */

import { node } from "../../core/dom";
import { makeGrid } from "../../core/grid";
import type { LoadedPicture, Stage, View } from "../../core/types";
import { makeDrag } from "./drag";
import { gapOf, isWhole, type Slide, type Sliding, stepTo } from "./rules";

/** Room around the tiles for the rim of the tray, in CSS pixels. */
const RIM = 16;

export function view(stage: Stage<Sliding, Slide>): View<Sliding, Slide> {
  const { text, motion } = stage;
  const { size } = stage.state;
  const last = size * size - 1;
  const { image, width, height } = stage.pictures[0] as LoadedPicture;
  const tiles = stage.state.tiles.map((_, tile) => {
    const element = node("div", "tile", node("canvas"));
    if (stage.options.numbers && tile < last) element.append(node("b", "", text("number", { tile: tile + 1 })));
    return element;
  });
  const grid = makeGrid(stage, last + 1, text("grid", { size }), (from, to) => {
    // An arrow key takes the gap along: the tile on its way slides.
    const isGap = from === gapOf(stage.state.tiles);
    if (isGap) stage.play({ cell: to });
    return isGap;
  });
  grid.layRows(size);
  const painted = node("div", "tiles", ...tiles);
  painted.setAttribute("aria-hidden", "true");
  const board = node("div", "sliding", painted, grid.element);
  board.style.setProperty("--part", `${100 / size}%`);
  stage.root.append(board);

  const isActedOn = makeDrag(stage, grid, (tile) => tiles[tile] as HTMLElement);
  stage.on(grid.element, "click", ({ target, detail }) => {
    const cell = grid.cells.indexOf(target as HTMLButtonElement);
    // A click of a key or of a screen reader has no detail.
    if (cell < 0 || (detail && isActedOn())) return;
    const tile = tiles[stage.state.tiles[cell] as number] as HTMLElement;
    if ("refused" in stage.play({ cell }) && motion) tile.animate({ translate: ["4px", "-3px", "2px", "0"] }, 160);
  });

  stage.onSize((roomWide, roomHigh) => {
    const wide = Math.max(1, Math.floor(Math.min(roomWide - RIM, ((roomHigh - RIM) * width) / height) / size));
    const high = Math.round((wide * height) / width);
    board.style.width = `${wide * size}px`;
    board.style.height = `${high * size}px`;
    // One picture, fetched once, is cut by drawing: each tile's canvas holds its own part.
    const [partWide, partHigh] = [image.naturalWidth / size, image.naturalHeight / size];
    tiles.forEach(({ firstChild }, tile) => {
      const canvas = firstChild as HTMLCanvasElement;
      canvas.width = Math.round(wide * devicePixelRatio);
      canvas.height = Math.round(high * devicePixelRatio);
      const context = canvas.getContext("2d");
      if (!context) return;
      context.imageSmoothingQuality = "high";
      const [left, top] = [(tile % size) * partWide, Math.floor(tile / size) * partHigh];
      context.drawImage(image, left, top, partWide, partHigh, 0, 0, canvas.width, canvas.height);
    });
  });

  function nameOf(tile: number, cell: number, whole: boolean): string {
    return text(tile === last && !whole ? "gap" : tile === cell ? "home" : "tile", {
      tile: tile + 1,
      row: Math.floor(cell / size) + 1,
      column: (cell % size) + 1,
      homeRow: Math.floor(tile / size) + 1,
      homeColumn: (tile % size) + 1,
    });
  }

  let shown: readonly number[] = [];
  return {
    show(state, move) {
      const whole = isWhole(state.tiles);
      const gap = gapOf(state.tiles);
      board.classList.toggle("whole", whole);
      state.tiles.forEach((tile, cell) => {
        const element = tiles[tile] as HTMLElement;
        const button = grid.cells[cell] as HTMLElement;
        element.style.transform = `translate(${(cell % size) * 100}%,${Math.floor(cell / size) * 100}%)`;
        element.className = tile === last ? "tile gap" : tile === cell ? "tile home" : "tile";
        button.setAttribute("aria-label", nameOf(tile, cell, whole));
        // A finger scrolls the page from any tile, except along the way that the tile itself can go.
        const step = Math.abs(stepTo(size, gap, cell));
        button.style.touchAction = step === 0 ? "" : step === 1 ? "pan-y" : "pan-x";
      });
      const moved = state.tiles.filter((tile, cell) => tile !== last && tile !== shown[cell]);
      const [tile] = moved as [number];
      shown = state.tiles;
      grid.go(gap);
      if (!move) return;
      const isOne = moved.length === 1;
      stage.say(isOne ? nameOf(tile, shown.indexOf(tile), whole) : text("pushed", { count: moved.length }));
      stage.sound(moved.some((one) => shown[one] === one) ? "join" : "drop");
      if (!motion) for (const one of moved) (tiles[one] as HTMLElement).animate({ opacity: [0, 1] }, 220);
    },
    focus: grid.focus,
  };
}
