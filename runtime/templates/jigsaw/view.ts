/**
 * The felt with its pieces. What is lifted lies on a layer of its own, so that it moves without anything being drawn. Controls for
 * keyboard and screen reader stand beside it (keys.ts).
 */

import { button, node } from "../../core/dom";
import type { LoadedPicture, Stage, View } from "../../core/types";
import { centre, home, margin, type Spot, spin, trayOf } from "./board";
import { hand } from "./hand";
import { keys } from "./keys";
import { brush, pieces, tabOf } from "./pieces";
import { beside, type Jigsaw, type Move, members, placed, tidied } from "./rules";

/** Pixels above which the upper canvas is made coarser. */
const MOST = 4e6;
/** How far the shadow of what is lifted falls, in board units. */
const FALL = 60;

export function view(stage: Stage<Jigsaw, Move>): View<Jigsaw, Move> {
  const { text, on, root } = stage;
  const { cols, rows, width, height } = stage.state;
  const { image, alt } = stage.pictures[0] as LoadedPicture;
  const { paint, covers, cut } = pieces(stage.state, image);
  const still = node("canvas");
  const air = node("canvas");
  /** Lengths in here are board units: the picture is about 6000 wide or high. Its transform makes them pixels. */
  const board = node("div", "", air);
  const felt = node("div", "jigsaw-felt", still, board);
  const tools = node("div", "pg-bar jigsaw-tools");
  felt.tabIndex = -1;
  felt.setAttribute("role", "group");
  felt.setAttribute("aria-label", alt || stage.game.title);

  /** What is seen: the state, on a tray of the felt's own shape until one is laid. */
  let shown = stage.state;
  /** Pieces from the lowest to the topmost. */
  let order = shown.groups;
  /** Shape of the felt, and its size in CSS pixels. */
  let [shape, wide, high] = [0, 1, 1];
  /** CSS pixels for a board unit when the whole tray is seen; how much closer it is looked at; where the picture's corner then is. */
  let [fit, closer, left, top] = [1, 1, 0, 0];
  let [sharpness, frame] = [0, 0];
  /** The piece in the hand, its group on the upper canvas, the corner of that, and how far it was carried: in board units. */
  let inHand = -1;
  let lifted: readonly number[] = [];
  let [cornerX, cornerY, carriedX, carriedY] = [0, 0, 0, 0];
  let flight: Animation | undefined;
  /** What is switched on: `edges` to see no other loose pieces, `peek` to see the picture. */
  const wanted: Record<string, boolean> = {};
  /** Where the felt is on the screen: asked when a finger comes down, for asking with every move would lay out the page each time. */
  let box = new DOMRect();

  const scale = (): number => fit * closer;
  const spotOf = (piece: number): Spot => shown.spots[piece] as Spot;
  /** Left out while the player looks for edges: a group that has none. */
  const hidden = (piece: number): boolean =>
    wanted.edges === true &&
    !placed(spotOf(piece)) &&
    members(shown, piece).every((own) => beside(shown, own)[3] !== undefined);

  function draw(): void {
    frame = 0;
    const on = brush(still);
    const ratio = devicePixelRatio;
    const size = scale() * ratio;
    // A width that is set clears a canvas.
    still.width = wide * ratio;
    still.height = high * ratio;
    on.setTransform(size, 0, 0, size, left * ratio, top * ratio);
    on.fillStyle = getComputedStyle(felt).color;
    on.globalAlpha = 0.1;
    on.fillRect(0, 0, cols * width, rows * height);
    on.globalAlpha = 0.4;
    if (wanted.peek) on.drawImage(image, 0, 0, cols * width, rows * height);
    on.globalAlpha = 1;
    const lying = order.filter((piece) => !lifted.includes(piece) && !hidden(piece));
    paint(on, shown.spots, lying, size, left * ratio, top * ratio);
  }
  const soon = (): void => {
    frame ||= requestAnimationFrame(draw);
  };

  function carry(x: number, y: number): void {
    [carriedX, carriedY] = [x, y];
    air.style.transform = `translate(${x}px,${y}px)`;
  }
  /** Draws a group on the upper canvas, above where it lies; with a rim when it stays in the hand by itself. */
  function raise(group: readonly number[], rim = false): void {
    lifted = group;
    air.width = 0;
    soon();
    if (!group.length) return;
    const reach = Math.max(width, height) / 2 + tabOf(shown) + 2 * FALL;
    const middles = group.map((piece) => centre(shown, piece, spotOf(piece)));
    const [xs, ys] = [middles.map(([x]) => x), middles.map(([, y]) => y)];
    [cornerX, cornerY] = [Math.min(...xs) - reach, Math.min(...ys) - reach];
    const w = Math.max(...xs) + reach - cornerX;
    const h = Math.max(...ys) + reach - cornerY;
    const size = Math.min(scale() * devicePixelRatio, Math.sqrt(MOST / w / h));
    air.width = w * size;
    air.height = h * size;
    air.style.cssText = `left:${cornerX}px;top:${cornerY}px;width:${w}px;height:${h}px;will-change:transform`;
    const on = brush(air);
    paint(on, shown.spots, group, size, -cornerX * size, -cornerY * size);
    // Drawn here once: a filter would be drawn with every frame of a drag.
    on.globalCompositeOperation = "destination-over";
    on.shadowBlur = FALL * size;
    on.shadowColor = rim ? getComputedStyle(felt).getPropertyValue("--act") : "#0008";
    on.shadowOffsetY = rim ? 0 : FALL * size;
    on.resetTransform();
    on.drawImage(air, 0, 0);
    carry(carriedX, carriedY);
  }
  function take(piece: number, rim = true): void {
    release();
    inHand = piece;
    raise(members(shown, piece), rim);
  }
  function pick(piece: number, rim = false): void {
    take(piece, rim);
    stage.sound("pick");
  }
  /** Everything lies on the table again. */
  function release(): void {
    flight?.cancel();
    flight = undefined;
    inHand = -1;
    carriedX = carriedY = 0;
    raise([]);
  }

  function play(move: Move): void {
    // The tray that is seen becomes the tray that is played on with the first move, not before: the clock starts then.
    if (!stage.state.tray) stage.play({ tray: shape });
    stage.play(move);
  }
  /** Puts the group down so that the centre of the piece comes to this point of the board. */
  const put = (piece: number, x: number, y: number): void => play({ piece, x, y });

  /** The group of a piece comes from where it was to where it lies now, and lands. */
  function travel(piece: number, before: Jigsaw, turned: boolean): void {
    const moved = members(before, piece);
    const whole = members(shown, piece);
    const done = placed(spotOf(piece));
    const again = turned && !done ? inHand : -1;
    const [fromX, fromY] = centre(before, piece, before.spots[piece] as Spot);
    const [x, y] = centre(shown, piece, spotOf(piece));
    const start = `translate(${fromX + carriedX - x}px,${fromY + carriedY - y}px)rotate(${turned ? -90 : 0}deg)`;
    const fly = (frames: Keyframe[], duration: number, then: () => void): void => {
      if (!stage.motion) {
        then();
        return;
      }
      flight = air.animate(frames, { duration, easing: "ease-out" });
      flight.onfinish = then;
    };
    const grown = done || whole.length > moved.length;
    const others = order.filter((other) => !whole.includes(other));
    // What is joined lies lowest, so that it hides no piece.
    order = grown ? [...whole, ...others] : [...others, ...whole];
    const land = (): void => {
      release();
      if (again >= 0) take(again);
      panel.refresh();
    };

    release();
    raise(moved);
    air.style.transformOrigin = `${x - cornerX}px ${y - cornerY}px`;
    fly([{ transform: start }, { transform: "rotate(0deg)" }], 200, () => {
      stage.sound(grown ? "join" : "drop");
      if (!grown) return land();
      raise(whole);
      fly([{ filter: "brightness(1.5)" }, {}], 400, land);
    });
  }

  /** Moves the whole board by board units, as far as it goes; false when all of it is seen. */
  function pan(x: number, y: number): boolean {
    const within = (value: number, room: number, size: number): number => {
      const least = room - size * scale();
      const edge = margin * scale();
      return edge + (least > 0 ? least / 2 : Math.max(least, Math.min(0, value - edge)));
    };
    const [across, down] = trayOf(shown);
    left = within(left + x * scale(), wide, across);
    top = within(top + y * scale(), high, down);
    board.style.transform = `translate(${left}px,${top}px)scale(${scale()})`;
    soon();
    return closer > 1;
  }
  /** Looks closer at a point of the board, which stays where it is; else at the middle of the felt. */
  function zoom(factor: number, x = (wide / 2 - left) / scale(), y = (high / 2 - top) / scale()): void {
    const before = closer;
    closer = Math.max(1, Math.min(Math.max(3, 80 / width / fit), closer * factor));
    const by = before / closer - 1;
    pan(x * by, y * by);
  }

  const panel = keys(stage, {
    leave: release,
    show(piece, cell) {
      if (flight) return;
      const [x, y] = centre(shown, piece, spotOf(piece));
      const [toX, toY] = cell < 0 ? [x, y] : home(shown, cell);
      take(piece);
      carry(toX - x, toY - y);
      pan((wide / 2 - left) / scale() - toX, (high / 2 - top) / scale() - toY);
    },
    put(piece, cell) {
      put(piece, ...home(shown, cell));
      if (!placed(spotOf(piece))) stage.say(text("wrong"));
    },
  });

  const point = (x: number, y: number): [x: number, y: number] => [
    (x - box.left - left) / scale(),
    (y - box.top - top) / scale(),
  ];
  on(felt, "pointerdown", () => {
    box = felt.getBoundingClientRect();
  });
  const stop = hand(stage, felt, {
    pan,
    zoom,
    carry,
    release,
    point,
    hit: (x, y) =>
      [...order].reverse().find((piece) => {
        const [right, below, turn] = spotOf(piece);
        // A small piece is hard to hit: close is enough.
        return (
          !placed([right, below, turn]) &&
          !hidden(piece) &&
          covers(piece, ...spin((4 - turn) % 4, x - right, y - below), 9 / scale())
        );
      }) ?? -1,
    lift: pick,
    drop() {
      if (inHand < 0) return;
      const [x, y] = centre(shown, inHand, spotOf(inHand));
      put(inHand, x + carriedX, y + carriedY);
    },
    tap(x, y, piece) {
      if (piece >= 0 && shown.groups[piece] !== shown.groups[inHand]) {
        pick(piece, true);
      } else if (inHand >= 0) {
        if (piece < 0) put(inHand, x, y);
        else release();
      }
    },
  });

  function tool(name: string, sign: string, action: () => void): HTMLElement {
    const made = button("", action, sign || text(name));
    made.setAttribute("aria-label", text(name));
    tools.append(made);
    return made;
  }
  const turn = (): void => play({ turn: inHand < 0 ? +panel.list.value : inHand });
  tool("out", "−", () => zoom(2 / 3));
  tool("in", "+", () => zoom(1.5));
  if (shown.turned) tool("turn", "↻", turn);
  for (const name of ["edges", "peek"]) {
    const made = tool(name, "", () => {
      wanted[name] = !wanted[name];
      made.setAttribute("aria-pressed", `${wanted[name]}`);
      soon();
    });
    made.setAttribute("aria-pressed", "false");
  }
  tool("tidy", "", () => stage.play({ tray: shape }));

  on(root, "keydown", ({ key, ctrlKey, metaKey }) => {
    if (ctrlKey || metaKey) return;
    if (key === "Escape") stop();
    if (key === "+") zoom(1.5);
    if (key === "-") zoom(2 / 3);
    if (key === "r" && shown.turned) turn();
  });

  felt.append(panel.element);
  root.append(node("div", "jigsaw", felt, tools));
  stage.defer(() => cancelAnimationFrame(frame));

  function spread(): void {
    shown = stage.state.tray ? stage.state : tidied(stage.state, shape);
    const [across, down] = trayOf(shown);
    fit = Math.min(wide / across, high / down);
    pan(0, 0);
  }
  stage.onSize(() => {
    release();
    wide = felt.clientWidth || 1;
    high = felt.clientHeight || 1;
    shape = Math.round((100 * wide) / high);
    closer = 1;
    spread();
    // Twice as sharp as needed, for a closer look; cut anew only when the size is another.
    const better = Math.min(2 * fit * devicePixelRatio, 2048 / 6000);
    if (better > sharpness * 1.2) {
      sharpness = better;
      cut(better);
    }
  });

  return {
    show(_, move) {
      const before = shown;
      spread();
      if (move && !("tray" in move)) travel("turn" in move ? move.turn : move.piece, before, "turn" in move);
      panel.refresh();
    },
    focus: () => felt.focus({ preventScroll: true }),
  };
}
