import { type Disposer, disposer } from "./disposer";
import { button, icon, node } from "./dom";
import type { Finale } from "./finale/finale";
import { onTable } from "./frame";
import { type Page, tellHost } from "./page";
import { type Round, startRound } from "./round";
import { clockFace } from "./text";
import type { Game, LoadedPicture, Stage, Template, Text, Widget } from "./types";

const HINT = "M9 18h6M10 21h4M8.5 15a7 7 0 1 1 7 0z";
const SOUND = "M11 5 7 9H3v6h4l4 4zM15 9a4 4 0 0 1 0 6M18 6a8 8 0 0 1 0 12";
const FULL = "M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5";
/** So long the last piece is seen to land before the win covers the board. */
const LANDING = 700;

/**
 * Puts the game on the laid table, shuffled and waiting for Play. Everything it adds goes away with `destroy`, and with it what
 * `undo` holds already, the table itself among it. `finale` fetches what sounds and what shows the win: once while the game is played, and
 * again when it is needed if that failed. Without it a finished board stays as it is, and that it is won is said.
 */
export function mount<State extends object, Move>(
  element: HTMLElement,
  game: Game,
  template: Template<State, Move>,
  pictures: readonly LoadedPicture[],
  text: Text,
  page: Page,
  undo: Disposer,
  finale: () => Promise<Finale>,
): Widget {
  const motion = !matchMedia("(prefers-reduced-motion: reduce)").matches;

  const root = node("div", "pg-board");
  root.dir = "ltr";
  const table = node("div", "pg-table", root);
  const live = node("p", "pg-said");
  live.setAttribute("role", "status");
  const time = node("span", "pg-time");
  const moves = node("span", "pg-moves");
  const bar = node("div", "pg-bar", time, moves);

  let seed = game.seed;
  let round: Round;
  let coming: Promise<Finale | undefined> | undefined;
  let strike: Stage<never, never>["sound"] | undefined;
  let heard = false;
  let undoRound = disposer();
  undo.defer(() => undoRound.dispose());

  /** Fetches the finale, once; what failed is tried again when it is asked for again. */
  const bring = () => {
    coming ??= finale().catch(() => {
      coming = undefined;
      return coming;
    });
    return coming;
  };
  const sound: Stage<never, never>["sound"] = async (name) => {
    if (!heard) return;
    strike ??= (await bring())?.sounds(undo);
    strike?.(name);
  };
  /** While a card lies over the board, nothing beneath it answers. */
  const cover = (covered: boolean) => {
    root.inert = bar.inert = covered;
  };
  const say = (sentence: string) => {
    // The same sentence twice would not be read again: a space that nobody hears makes it another.
    live.textContent = sentence + (live.textContent === sentence ? "\u00a0" : "");
  };
  const tick = () => {
    time.textContent = clockFace(round.time, game.lang);
  };

  function deal() {
    undoRound.dispose();
    undoRound = disposer();
    round = startRound({ root, game, pictures, text, motion, say, sound, changed, won }, template, seed, undoRound);
    changed(0);
  }

  function changed(count: number) {
    tick();
    moves.textContent = text("moves", { count });
  }

  function won() {
    sound("win");
    tellHost(game, "finish", { result: round.result() });
    if (!page.mini) undoRound.later(celebrate, motion ? LANDING : 0);
  }

  async function celebrate() {
    const end = undoRound;
    const triumph = { game, pictures, result: round.result(), text, page, motion, again };
    say(`${text("won")} ${game.message}`);
    const found = (await bring()) ?? (await bring());
    if (!found || end.over) return;
    found.celebrate(element, triumph, end);
    cover(true);
    end.defer(() => cover(false));
  }

  function next() {
    seed = (seed + 1) % 2 ** 31;
    deal();
  }

  function begin() {
    bring();
    round.focus();
    tellHost(game, "start");
  }

  function again() {
    next();
    begin();
  }

  const add = (label: string, path: string, action: () => void) => {
    const made = button("", action, icon(path));
    made.title = label;
    bar.append(made);
    return made;
  };
  add(text("hint"), HINT, () => {
    if (round.hint()) round.focus();
  }).classList.add("pg-hint");
  const loud = add(text("sound"), SOUND, () => {
    heard = !heard;
    loud.setAttribute("aria-pressed", `${heard}`);
    sound("pick");
  });
  loud.setAttribute("aria-pressed", "false");
  if (document.fullscreenEnabled)
    add(text("full"), FULL, () => {
      (document.fullscreenElement ? document.exitFullscreen() : element.requestFullscreen()).catch(() => 0);
    });

  element.replaceChildren(table);
  deal();
  if (page.mini) {
    element.inert = true;
    if (motion) bring().then((found) => found?.playByItself(() => round, next, element, undo));
  } else {
    element.append(bar, live);
    cover(true);
    const heading = node("h1", "", game.title);
    const start = onTable(
      heading,
      button(
        "pg-act pg-play",
        () => {
          start.replaceWith(heading);
          heading.className = "pg-said";
          cover(false);
          begin();
        },
        text("play"),
      ),
    );
    table.append(start);
    const beat = setInterval(tick, 250);
    undo.defer(() => clearInterval(beat));
    undo.on(document, "visibilitychange", () => round.seen(!document.hidden));
  }
  tellHost(game, "ready");

  return {
    game,
    get log() {
      return round.log;
    },
    result: () => round.result(),
    destroy: undo.dispose,
  };
}
