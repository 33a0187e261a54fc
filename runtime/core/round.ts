import { clock } from "./clock";
import type { Disposer } from "./disposer";
import { points } from "./score";
import type { Game, LoadedPicture, Milliseconds, Refusal, Result, Stage, Template, Text, View } from "./types";

/** One game from its shuffle to its end, and the log from which it can be played again. */
export interface Round {
  readonly log: [move: unknown, at: Milliseconds][];
  readonly time: Milliseconds;
  readonly moves: number;
  result(): Result;
  /** Plays the move that the rules propose and counts it as help; false when there is none left. */
  hint(): boolean;
  /** The clock runs only while the game is seen. */
  seen(visible: boolean): void;
  focus(): void;
}

/** What a round needs of the table it is played on. */
export interface Table {
  readonly root: HTMLElement;
  readonly game: Game;
  readonly pictures: readonly LoadedPicture[];
  readonly text: Text;
  readonly motion: boolean;
  say(sentence: string): void;
  sound(name: "pick" | "drop" | "join" | "wrong" | "win"): void;
  /** After every move and once at the start. */
  changed(): void;
  won(): void;
}

const isRefusal = (answer: object): answer is Refusal => "refused" in answer;

/** Starts the game of this seed; `undo` ends it and takes its nodes away. */
export function startRound<State extends object, Move>(
  table: Table,
  template: Template<State, Move>,
  seed: number,
  undo: Disposer,
): Round {
  const { game, root, pictures, text } = table;
  const { rules } = template;
  const [first] = pictures;
  const ratio = first ? first.width / first.height : 1;
  let state = rules.start(game.options, seed, { count: pictures.length, ratio });
  let hints = 0;
  let said = false;
  const watch = clock(() => performance.now());
  const log: Round["log"] = [];

  const stage: Stage<State, Move> = {
    root,
    game,
    pictures,
    text,
    options: game.options,
    motion: table.motion,
    sound: table.sound,
    get state() {
      return state;
    },
    play(move) {
      const before = rules.result(state);
      if (before.finished) return state;
      const after = rules.play(state, move);
      if (isRefusal(after)) {
        table.sound("wrong");
        table.say(text(after.refused));
        return after;
      }
      watch.start();
      log.push([move, watch.time]);
      state = after;
      said = false;
      view.show(state, move);
      // The view may have said what moved in its own words; else where the game stands is said.
      if (!said) table.say(rules.describe(state, text));
      table.changed();
      if (rules.result(state).finished) {
        watch.stop();
        table.won();
      }
      return state;
    },
    say(sentence) {
      said = true;
      table.say(sentence);
    },
    on: (target, type, listener, options) => undo.on(target, type, listener as (event: never) => void, options),
    defer: (action) => undo.defer(action),
    onSize(change) {
      const observer = new ResizeObserver(() => change(root.clientWidth, root.clientHeight));
      observer.observe(root);
      undo.defer(() => observer.disconnect());
      change(root.clientWidth, root.clientHeight);
    },
  };
  undo.defer(() => root.replaceChildren());
  undo.defer(() => watch.stop());
  const view: View<State, Move> = template.view(stage);
  view.show(state, null);

  return {
    log,
    get time() {
      return watch.time;
    },
    get moves() {
      return rules.result(state).moves;
    },
    result() {
      const { finished, moves, mistakes, difficulty } = rules.result(state);
      const score = points(rules.result(state), watch.time, hints);
      return { score, time_ms: watch.time, moves, mistakes, hints, difficulty, seed, finished };
    },
    hint() {
      const move = rules.hint(state);
      if (move === null) return false;
      hints++;
      stage.play(move);
      return true;
    },
    seen(visible) {
      if (!visible) watch.stop();
      else if (log.length && !rules.result(state).finished) watch.start();
    },
    focus: () => view.focus(),
  };
}
