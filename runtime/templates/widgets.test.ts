// @vitest-environment happy-dom
/** What every template promises once it has a face, with the shell of core around it. */

import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { disposer } from "../core/disposer";
import { layTable } from "../core/frame";
import { mount } from "../core/mount";
import english from "../core/strings/en.json";
import { countListeners, finale, furnish, gameOf, PAGE, picture } from "../core/testing";
import { reader, type Strings } from "../core/text";
import type { OptionValue, Rules, Stage, Template, View, Widget } from "../core/types";

interface Manifest {
  readonly slots: readonly { readonly name: string; readonly min: number }[];
  readonly options: readonly { readonly name: string; readonly default: OptionValue }[];
}

const rulesOf = import.meta.glob<Rules<object, unknown>>("./*/rules.ts", { import: "rules", eager: true });
const viewOf = import.meta.glob<(stage: Stage<object, unknown>) => View<object, unknown>>("./*/view.ts", {
  import: "view",
  eager: true,
});
const manifestOf = import.meta.glob<Manifest>("./*/template.json", { import: "default", eager: true });
const stringsOf = import.meta.glob<Strings>("./*/strings/en.json", { import: "default", eager: true });

let counted: ReturnType<typeof countListeners>;
beforeAll(furnish);
beforeEach(() => {
  vi.useFakeTimers();
  counted = countListeners();
});
afterEach(() => {
  counted.stop();
  vi.useRealTimers();
  localStorage.clear();
  document.body.replaceChildren();
});

function put(name: string, page = PAGE, ending = finale): { element: HTMLElement; widget: Widget } {
  const { slots, options } = manifestOf[`./${name}/template.json`] as Manifest;
  const template = {
    rules: rulesOf[`./${name}/rules.ts`],
    view: viewOf[`./${name}/view.ts`],
    strings: stringsOf[`./${name}/strings/en.json`],
    css: "",
  } as Template<object, unknown>;
  const pictures = slots.flatMap((slot) => Array.from({ length: Math.max(1, slot.min) }, () => picture(slot.name)));
  const game = gameOf(name, Object.fromEntries(options.map((option) => [option.name, option.default])), pictures);
  const element = document.createElement("main");
  document.body.append(element);
  const undo = disposer();
  undo.defer(() => element.replaceChildren());
  const table = layTable(element, game, page, undo);
  const text = reader({ ...english, ...template.strings }, "en");
  return { element, widget: mount(table, game, template, pictures, text, page, undo, ending) };
}

const press = (element: HTMLElement, selector: string) => element.querySelector<HTMLElement>(selector)?.click();

async function playByHints(element: HTMLElement, widget: Widget): Promise<void> {
  press(element, ".pg-play");
  for (let n = 0; n < 5000 && !widget.result().finished; n++) press(element, ".pg-hint");
  await vi.advanceTimersByTimeAsync(2000);
}

for (const name of Object.keys(viewOf).map((file) => file.split("/")[1] as string)) {
  describe(name, () => {
    test("of two widgets on a page one can go, and takes all of its own and nothing of the other's", () => {
      const before = counted.on();
      const globals = Object.keys(window).length;
      const first = put(name);
      const ofOne = counted.on() - before;
      const second = put(name);
      press(first.element, ".pg-play");
      press(second.element, ".pg-play");
      second.widget.destroy();
      second.widget.destroy();
      expect(second.element.outerHTML).toBe("<main></main>");
      press(first.element, ".pg-hint");
      expect(first.widget.log).toHaveLength(1);
      expect(counted.on() - before).toBeLessThanOrEqual(ofOne);
      first.widget.destroy();
      vi.runOnlyPendingTimers();
      expect(counted.on()).toBe(before);
      expect(Object.keys(window)).toHaveLength(globals);
    });

    test("it begins with its title and Play, and nothing under the card answers", () => {
      const { element, widget } = put(name);
      expect(element.querySelector("h1")?.textContent).toBe("A cat, <b>in pieces</b>");
      expect(element.querySelector<HTMLElement>(".pg-board")?.inert).toBe(true);
      press(element, ".pg-play");
      expect(element.querySelector(".pg-play")).toBeNull();
      expect(element.querySelectorAll("h1")).toHaveLength(1);
      expect(element.querySelector<HTMLElement>(".pg-board")?.inert).toBe(false);
      expect(element.contains(document.activeElement)).toBe(true);
      widget.destroy();
    });

    test("each move is said aloud", () => {
      const { element, widget } = put(name);
      press(element, ".pg-play");
      press(element, ".pg-hint");
      expect(element.querySelector("[role=status]")?.textContent).toMatch(/\w/);
      widget.destroy();
    });

    test("won, it shows the pictures, the best, and goes on with another shuffle", async () => {
      const { element, widget } = put(name);
      await playByHints(element, widget);
      expect(element.querySelectorAll(".pg-photos canvas")).toHaveLength(widget.game.pictures.length);
      const card = element.querySelector(".pg-card")?.textContent ?? "";
      for (const words of ["You did it!", "You found all of her.", "My best time", "Play again", "Make your own"])
        expect(card).toContain(words);
      expect(widget.result()).toMatchObject({ finished: true, seed: 7, hints: widget.log.length });
      press(element, ".pg-choices button");
      expect(element.querySelector(".pg-won")).toBeNull();
      expect(widget.result()).toMatchObject({ finished: false, seed: 8, moves: 0, hints: 0 });
      widget.destroy();
    });

    test("a finale that did not come is asked for again when the game is won", async () => {
      let asked = 0;
      const { element, widget } = put(name, PAGE, () => (asked++ ? finale() : Promise.reject(new Error("offline"))));
      await playByHints(element, widget);
      expect(asked).toBe(2);
      expect(element.querySelector(".pg-card")?.textContent).toContain("You did it!");
      widget.destroy();
    });

    test("without its finale a game that is won says so, and keeps its board", async () => {
      const { element, widget } = put(name, PAGE, () => Promise.reject(new Error("offline")));
      await playByHints(element, widget);
      expect(element.querySelector("[role=status]")?.textContent).toBe("You did it! You found all of her.");
      expect(element.querySelector<HTMLElement>(".pg-board")?.inert).toBe(false);
      widget.destroy();
    });

    test("a miniature plays by itself, begins again, and takes no input", async () => {
      const { element, widget } = put(name, { ...PAGE, mini: true });
      expect(element.querySelector(".pg-hint, .pg-veil")).toBeNull();
      expect(element.querySelector<HTMLElement>(".pg")?.inert).toBe(true);
      await vi.advanceTimersByTimeAsync(3000);
      expect(widget.log.length).toBeGreaterThan(1);
      const { seed } = widget.result();
      for (let n = 0; n < 1000 && widget.result().seed === seed; n++) vi.advanceTimersByTime(3000);
      expect(widget.result()).toMatchObject({ seed: 8 });
      widget.destroy();
    });
  });
}
