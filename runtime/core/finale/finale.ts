/**
 * What nobody needs to begin: sounds, the win, and how a miniature plays by itself. A module of its own, which comes while the player
 * looks at the board. The loader knows its address; it shares no code with the loader and holds its own English.
 */

import type { Disposer } from "../disposer";
import type { Page } from "../page";
import type { Round } from "../round";
import { reader } from "../text";
import type { Game, LoadedPicture, Result, Stage, Text } from "../types";
import { confetti } from "./confetti";
import english from "./strings/en.json";
import { wonPanel } from "./won";

export { playByItself } from "./mini";
export { sounds } from "./sound";

/** What is celebrated. */
export interface Triumph {
  readonly game: Game;
  readonly pictures: readonly LoadedPicture[];
  readonly result: Result;
  /** Speaks the game's language; English of the finale is not among what it knows. */
  readonly text: Text;
  readonly page: Page;
  readonly motion: boolean;
  /** Starts the next round. */
  again(): void;
}

/** The module, as the loader finds it: the build adds the style sheet. */
export interface Finale {
  /** Text of its style sheet, to be worn after that of the skin. */
  readonly css: string;
  playByItself(round: () => Round, again: () => void, element: Element, undo: Disposer): void;
  sounds(undo: Disposer): Stage<never, never>["sound"];
  celebrate(table: HTMLElement, triumph: Triumph, undo: Disposer): void;
}

/** Lays the win over the table until `undo` takes it away; the keyboard comes along when it was on the table. */
export function celebrate(table: HTMLElement, triumph: Triumph, undo: Disposer): void {
  const own = reader(english, "en");
  const { game, pictures, result, text, page, motion, again } = triumph;
  const words: Text = (key, values) => {
    const said = text(key, values);
    // A key that is answered with itself is not known.
    return said === key ? own(key, values) : said;
  };
  const focused = table.contains(document.activeElement);
  const panel = wonPanel(game, pictures, result, words, page, again);
  table.append(panel);
  undo.defer(() => panel.remove());
  if (focused) panel.querySelector("h2")?.focus();
  if (motion) confetti(panel, undo);
}
