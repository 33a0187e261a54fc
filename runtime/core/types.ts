/**
 * The words that loader, core, templates and tests share. Types only: nothing here reaches a bundle.
 */

/** Milliseconds of play, the clock stopped while the tab is hidden. */
export type Milliseconds = number;

/** A value that a creator chose for an option of `template.json`. */
export type OptionValue = number | boolean | string;
export type Options = Readonly<Record<string, OptionValue>>;

/** One encoded form of a picture, as game.xml names it. */
export interface Source {
  /** Absolute address, resolved against the address of game.xml. */
  readonly url: string;
  /** Media type, such as `image/avif`. */
  readonly type: string;
  /** CSS pixels at ratio 1, after orientation and crop. */
  readonly width: number;
  readonly height: number;
}

/** A picture in a slot of the template. */
export interface Picture {
  readonly slot: string;
  /** What it shows, in the creator's words; empty when nothing was said. */
  readonly alt: string;
  /** Size of the largest source, in pixels. Its ratio is that of every source. */
  readonly width: number;
  readonly height: number;
  /** 16 colours `rrggbb`, a 4 x 4 grid row by row: what is shown before the picture is there. */
  readonly colours: readonly string[];
  readonly sources: readonly Source[];
}

/** game.xml, read. Every address in it is absolute by now. */
export interface Game {
  readonly id: string;
  readonly lang: string;
  readonly seed: number;
  readonly title: string;
  /** Shown when the game is won; may be empty. */
  readonly message: string;
  readonly template: { readonly name: string; readonly url: string };
  readonly skin: { readonly name: string; readonly url: string };
  /** Address of the strings of the game's language; null where English (in the bundle) serves. */
  readonly stringsUrl: string | null;
  readonly options: Options;
  readonly pictures: readonly Picture[];
  readonly score: { readonly measure: "time" | "moves" | "points"; readonly better: "lower" | "higher" };
}

/** A picture whose bytes are decoded and may be drawn: fetched in CORS mode, so a canvas stays clean. */
export interface LoadedPicture extends Picture {
  readonly image: HTMLImageElement;
}

/** A move that the rules do not accept; `refused` is a key of the strings, said to the player. */
export interface Refusal {
  readonly refused: string;
}

/** Where a game stands. Counts only; time is the clock's. */
export interface Standing {
  readonly finished: boolean;
  readonly moves: number;
  readonly mistakes: number;
  /** Share of the game that is done, 0 to 1. */
  readonly done: number;
  /** Points from 0 to 1000 before time is taken into account; 1000 is a perfect game. */
  readonly score: number;
  /** A short word for how hard the game was, such as `24` pieces or `4x4`. */
  readonly difficulty: string;
}

/** The one result that every template reports. */
export interface Result {
  readonly score: number;
  readonly time_ms: Milliseconds;
  readonly moves: number;
  readonly mistakes: number;
  readonly hints: number;
  readonly difficulty: string;
  readonly seed: number;
  readonly finished: boolean;
}

/** Looks a string up and fills `{name}` places; `{count}` chooses a plural by `Intl.PluralRules`. */
export type Text = (key: string, values?: Readonly<Record<string, string | number>>) => string;

/**
 * The rules of a template: pure and deterministic. No DOM, no clock, no random but the seed, plain JSON as state and move,
 * so that a move log replays a game exactly, in a browser as on a server.
 */
export interface Rules<State, Move> {
  /**
   * The first state. `pictures` is how many pictures fill the slots; ratio is width / height of the first; `alike` says for each which
   * is the first one with the same sources, where a picture was put in twice.
   */
  start(
    options: Options,
    seed: number,
    pictures: { readonly count: number; readonly ratio: number; readonly alike?: readonly number[] },
  ): State;
  /** The state after the move; the state given is left as it was. */
  play(state: State, move: Move): State | Refusal;
  result(state: State): Standing;
  /** One sentence: where the game stands. `text` is the only thing it may ask. */
  describe(state: State, text: Text): string;
  /** A move that brings the game nearer to its end; null when it is finished. Played again and again it finishes every game. */
  hint(state: State): Move | null;
}

/** What a view is given: its place, the pictures and the one way to play a move. */
export interface Stage<State, Move> {
  /** Empty, fills all room beside the bar; has a definite size. The view owns everything inside it. */
  readonly root: HTMLElement;
  readonly game: Game;
  readonly options: Options;
  readonly pictures: readonly LoadedPicture[];
  readonly text: Text;
  /** The current state; changes with `play` only. */
  readonly state: State;
  /** Plays a move by the rules, keeps the log, counts, starts the clock at the first one, and ends the game when it is won.
   * A refusal is announced and given back; the state is unchanged then. */
  play(move: Move): State | Refusal;
  /** Says a sentence in the polite live region. */
  say(sentence: string): void;
  /** A listener that is taken off when the game is destroyed. */
  on<K extends keyof HTMLElementEventMap>(
    target: EventTarget,
    type: K,
    listener: (event: HTMLElementEventMap[K]) => void,
    options?: AddEventListenerOptions,
  ): void;
  /** Something else to undo when the game is destroyed. */
  defer(undo: () => void): void;
  /** Calls back with the size of `root` in CSS pixels, now and whenever it changes. */
  onSize(change: (width: number, height: number) => void): void;
  /** False when the player asked for less motion: then nothing flies, it fades. */
  readonly motion: boolean;
  /** A short wooden sound, heard only when the player has switched sound on. */
  sound(name: "pick" | "drop" | "join" | "wrong" | "win"): void;
}

/** What a view gives back. */
export interface View<State, Move> {
  /** Called after every state change, also by hint and by replay. `move` is the one that led here; null at the start. */
  show(state: State, move: Move | null): void;
  /** Gives the keyboard a place to be: called when play starts and after a hint. */
  focus(): void;
}

/** The default export of a template's script. */
export interface Template<State, Move> {
  readonly rules: Rules<State, Move>;
  /** Text of base.css, adopted by the document (never a style attribute: the policy of the page forbids it). */
  readonly css: string;
  /** English strings of the template, `strings/en.json`; other languages come as a file. */
  readonly strings: Readonly<Record<string, string>>;
  readonly view: (stage: Stage<State, Move>) => View<State, Move>;
}

/** A widget that plays. */
export interface Widget {
  readonly game: Game;
  result(): Result;
  /** Every move of this round and when it was played: with seed and options it gives the same game again. */
  readonly log: readonly (readonly [move: unknown, at: Milliseconds])[];
  /** Takes every listener, timer and node away. A second call does nothing. */
  destroy(): void;
}
