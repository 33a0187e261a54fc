import { clock } from "./clock";
import type { Disposer } from "./disposer";
import { points } from "./score";
import type { Milliseconds, Refusal, Stage, Template, View, Widget } from "./types";

/** One game from its shuffle to its end, and the log from which it can be played again. */
export interface Round extends Pick<Widget, "log" | "result"> {
  readonly time: Milliseconds;
  /** Plays the move that the rules propose and counts it as help; false when there is none left. */
  hint(): boolean;
  /** The clock runs only while the game is seen. */
  seen(visible: boolean): void;
  focus(): void;
}

/** What a round needs of the table it is played on. */
export interface Table
  extends Pick<Stage<never, never>, "root" | "game" | "pictures" | "text" | "motion" | "say" | "sound"> {
  /** After every move, with their number. */
  changed(moves: number): void;
  won(): void;
}

const isRefusal = (answer: object): answer is Refusal => "refused" in answer;

/** Starts the game of this seed; `undo` ends it and takes its nodes away. */
export function startRound<State extends object, Move>(
  table: Table,
  { rules, view: makeView }: Template<State, Move>,
  seed: number,
  undo: Disposer,
): Round {
  const { game, root, pictures, text } = table;
  const [first] = pictures;
  let state = rules.start(game.options, seed, {
    count: pictures.length,
    alike: pictures.map(({ image: { src } }) => pictures.findIndex(({ image }) => image.src === src)),
    ratio: first ? first.width / first.height : 1,
  });
  let hints = 0;
  let said = false;
  const watch = clock(() => performance.now());
  const log: [Move, Milliseconds][] = [];

  const stage: Stage<State, Move> = {
    ...table,
    options: game.options,
    get state() {
      return state;
    },
    play(move) {
      if (rules.result(state).finished) return state;
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
      const { moves, finished } = rules.result(state);
      table.changed(moves);
      if (finished) {
        watch.stop();
        table.won();
      }
      return state;
    },
    say(sentence) {
      said = true;
      table.say(sentence);
    },
    on: undo.on as Stage<State, Move>["on"],
    defer: undo.defer,
    onSize(change) {
      const measure = () => change(root.clientWidth, root.clientHeight);
      const observer = new ResizeObserver(measure);
      observer.observe(root);
      undo.defer(() => observer.disconnect());
      measure();
    },
  };
  undo.defer(() => root.replaceChildren());
  const view: View<State, Move> = makeView(stage);
  view.show(state, null);

  return {
    log,
    focus: view.focus,
    get time() {
      return watch.time;
    },
    result() {
      const standing = rules.result(state);
      const { finished, moves, mistakes, difficulty } = standing;
      const time = watch.time;
      return {
        score: points(standing, time, hints),
        time_ms: time,
        moves,
        mistakes,
        hints,
        difficulty,
        seed,
        finished,
      };
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
  };
}
