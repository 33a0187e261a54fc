import { confetti } from "./confetti";
import { type Disposer, disposer } from "./disposer";
import { icon, node } from "./dom";
import { playByItself } from "./mini";
import { type Page, tellHost } from "./page";
import { type Round, startRound } from "./round";
import { sounds } from "./sound";
import { adopt } from "./style";
import { clockFace } from "./text";
import type { Game, LoadedPicture, Template, Text, Widget } from "./types";
import { wonPanel } from "./won";

const HINT =
  "M9 18h6M10 22h4M15 14c.2-1 .7-1.7 1.5-2.5A5 5 0 0 0 18 8 6 6 0 0 0 6 8c0 1 .2 2.2 1.5 3.5.7.7 1.3 1.5 1.5 2.5";
const RESTART = "M3 12a9 9 0 1 0 9-9 9.8 9.8 0 0 0-6.7 2.7L3 8M3 3v5h5";
const SOUND = "M11 5 6 9H3v6h3l5 4zM16 9a5 5 0 0 1 0 6M19 6a9 9 0 0 1 0 12";
const FULL = "M8 3H5a2 2 0 0 0-2 2v3m18 0V5a2 2 0 0 0-2-2h-3m0 18h3a2 2 0 0 0 2-2v-3M3 16v3a2 2 0 0 0 2 2h3";
/** So long the last piece is seen to land before the win covers the board. */
const LANDING = 700;

/**
 * Puts the game on the element, shuffled and waiting for Play. Everything it adds goes away with `destroy`;
 * `undo` may bring more that belongs to this widget.
 */
export function mount<State extends object, Move>(
  element: HTMLElement,
  game: Game,
  template: Template<State, Move>,
  pictures: readonly LoadedPicture[],
  text: Text,
  page: Page,
  undo: Disposer = disposer(),
): Widget {
  const motion = !matchMedia("(prefers-reduced-motion: reduce)").matches;
  const noise = sounds();
  undo.defer(() => noise.close());
  undo.defer(adopt(template.css, element));

  const board = node("div", "pg-board");
  board.dir = "ltr";
  board.setAttribute("role", "group");
  board.setAttribute("aria-label", text("board", { title: game.title }));
  const table = node("div", "pg-table", board);
  const live = node("p", "pg-said");
  live.setAttribute("role", "status");
  const time = node("span", "pg-time");
  const moves = node("span", "pg-moves");
  const bar = node("div", "pg-bar", time, moves);

  let round: Round;
  let undoRound = disposer();
  let seed = game.seed;
  undo.defer(() => undoRound.dispose());

  const say = (sentence: string) => {
    // The same sentence twice would not be read again: a space that nobody hears makes it another.
    live.textContent = live.textContent === sentence ? `${sentence}\u00a0` : sentence;
  };
  const tick = () => {
    const face = clockFace(round.time, game.lang);
    if (time.textContent !== face) time.textContent = face;
  };
  const changed = () => {
    tick();
    moves.textContent = text("moves", { count: round.moves });
  };

  function button(label: string, path: string, action: () => void): HTMLButtonElement {
    const made = node("button", "", icon(path), node("span", "", label));
    made.title = label;
    undo.on(made, "click", action);
    bar.append(made);
    return made;
  }

  function deal() {
    undoRound.dispose();
    undoRound = disposer();
    const dealt = undoRound;
    round = startRound(
      {
        root: board,
        game,
        pictures,
        text,
        motion,
        say,
        sound: (name) => noise.play(name),
        changed: () => changed(),
        won: () => {
          noise.play("win");
          const result = round.result();
          if (!page.mini) dealt.later(() => showWin(dealt), motion ? LANDING : 0);
          tellHost(game, "finish", { result });
        },
      },
      template,
      seed,
      dealt,
    );
    changed();
  }

  function again() {
    seed = (seed + 1) % 2 ** 31;
    deal();
    begin();
  }

  function showWin(dealt: Disposer) {
    const panel = wonPanel(game, pictures, round.result(), text, page, dealt, say, again);
    const focused = element.contains(document.activeElement);
    board.inert = bar.inert = true;
    element.append(panel);
    dealt.defer(() => {
      panel.remove();
      board.inert = bar.inert = false;
    });
    say(`${text("won")} ${game.message}`);
    if (focused) panel.querySelector("h2")?.focus({ preventScroll: true });
    if (motion) confetti(panel, dealt);
  }

  function begin() {
    round.focus();
    tellHost(game, "start");
  }

  button(text("hint"), HINT, () => {
    if (round.hint()) round.focus();
  }).className = "pg-hint";
  button(text("restart"), RESTART, again);
  const sound = button(text("sound"), SOUND, () => {
    noise.on = !noise.on;
    sound.setAttribute("aria-pressed", String(noise.on));
    noise.play("pick");
  });
  sound.setAttribute("aria-pressed", "false");
  if (document.fullscreenEnabled)
    button(text("full"), FULL, () => {
      if (document.fullscreenElement) document.exitFullscreen();
      else element.requestFullscreen().catch(() => undefined);
    });

  element.replaceChildren(table);
  if (!page.mini) element.append(bar, live);
  undo.defer(() => element.replaceChildren());
  deal();

  const beat = setInterval(tick, 250);
  undo.defer(() => clearInterval(beat));
  undo.on(document, "visibilitychange", () => round.seen(!document.hidden));

  if (page.mini) {
    element.inert = true;
    undo.defer(() => {
      element.inert = false;
    });
    if (motion)
      playByItself(
        () => round,
        () => {
          seed = (seed + 1) % 2 ** 31;
          deal();
        },
        element,
        undo,
      );
  } else {
    const play = node("button", "pg-act pg-play", text("play"));
    const veil = node("div", "pg-veil", node("h1", "", game.title), play);
    board.inert = bar.inert = true;
    table.append(veil);
    undo.on(play, "click", () => {
      veil.remove();
      board.inert = bar.inert = false;
      begin();
    });
  }
  tellHost(game, "ready");

  return {
    game,
    get log() {
      return round.log;
    },
    result: () => round.result(),
    destroy: () => undo.dispose(),
  };
}
