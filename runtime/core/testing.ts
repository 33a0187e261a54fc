/** What tests of widgets share: a document that lacks a painter gets one that paints nothing, and listeners are counted. */

import { celebrate, type Finale, playByItself, sounds } from "./finale/finale";
import type { Page } from "./page";
import type { Game, LoadedPicture, Options } from "./types";

export const PAGE: Page = {
  mini: false,
  theme: null,
  make: "https://studio.example/make",
  link: "https://b.example/g/x.html",
};

/** The finale, as quickly as it can come. */
export const finale = async (): Promise<Finale> => ({ css: "", celebrate, playByItself, sounds });

/** A drawing surface that takes every stroke and shows none. */
function painter(canvas: HTMLCanvasElement): unknown {
  const held: Record<string | symbol, unknown> = { canvas };
  const surface: unknown = new Proxy(() => surface, {
    get: (_, name) => (name in held ? held[name] : name === Symbol.toPrimitive ? () => 0 : surface),
    set: (_, name, value) => {
      held[name] = value;
      return true;
    },
  });
  return surface;
}

/** Gives the document of the test what a browser has and it has not. */
export function furnish(): void {
  HTMLCanvasElement.prototype.getContext = function (this: HTMLCanvasElement) {
    return painter(this);
  } as never;
  Element.prototype.animate = () => ({ cancel() {}, finish() {}, finished: Promise.resolve() }) as unknown as Animation;
  Element.prototype.setPointerCapture ??= () => {};
  Object.defineProperties(HTMLElement.prototype, {
    clientWidth: { configurable: true, get: () => 640 },
    clientHeight: { configurable: true, get: () => 480 },
  });
  globalThis.Option = class {
    constructor(text: string, value: string) {
      // biome-ignore lint/correctness/noConstructorReturn: this is how the browser's own Option behaves.
      return Object.assign(document.createElement("option"), { value, textContent: text });
    }
  } as never;
  globalThis.Path2D ??= class {
    moveTo() {}
    lineTo() {}
    bezierCurveTo() {}
    closePath() {}
    addPath() {}
    rect() {}
  } as never;
}

/** A picture that is as good as decoded, and another one each time. */
export function picture(slot = "picture", alt = "A tabby cat looks up"): LoadedPicture {
  const image = document.createElement("img");
  image.src = `https://b.example/m/${crypto.randomUUID()}.avif`;
  Object.defineProperties(image, { naturalWidth: { value: 640 }, naturalHeight: { value: 480 } });
  const colours = Array.from({ length: 16 }, () => "5d4a3b");
  return { slot, alt, width: 640, height: 480, colours, sources: [], image };
}

export function gameOf(template: string, options: Options, pictures: readonly LoadedPicture[], lang = "en"): Game {
  return {
    id: "b5tq7nzk3xw2mc",
    lang,
    seed: 7,
    title: "A cat, <b>in pieces</b>",
    message: "You found all of her.",
    template: { name: template, url: `https://b.example/r/000000000000/${template}.js` },
    skin: { name: "paper", url: "https://b.example/r/000000000000/skin-paper.css" },
    stringsUrl: null,
    options,
    pictures,
    score: { measure: "time", better: "lower" },
  };
}

/** Counts listeners, timers and observers that are on, everywhere in the document of the test. */
export function countListeners(): { on(): number; stop(): void } {
  let on = 0;
  const stops: (() => void)[] = [];
  const held = new Map<EventTarget, Set<string>>();
  const names = new Map<unknown, number>();
  const name = (listener: unknown) => {
    if (!names.has(listener)) names.set(listener, names.size);
    return names.get(listener);
  };
  const key = (type: string, listener: unknown, options: unknown) =>
    `${type} ${name(listener)} ${Boolean(typeof options === "object" ? (options as AddEventListenerOptions)?.capture : options)}`;
  // The class that nodes inherit from, which need not be the global EventTarget of the test.
  for (const sample of [document.createElement("i"), document, window, matchMedia("all")]) {
    let owner: object = sample;
    while (!Object.hasOwn(owner, "addEventListener")) owner = Object.getPrototypeOf(owner);
    const targets = owner as EventTarget;
    const { addEventListener, removeEventListener } = targets;
    targets.addEventListener = function (type, listener, options) {
      const mine = held.get(this) ?? new Set();
      held.set(this, mine.add(key(type, listener, options)));
      return addEventListener.call(this, type, listener, options);
    };
    targets.removeEventListener = function (type, listener, options) {
      held.get(this)?.delete(key(type, listener, options));
      return removeEventListener.call(this, type, listener, options);
    };
    stops.push(() => Object.assign(targets, { addEventListener, removeEventListener }));
  }

  const { setInterval: start, clearInterval: end } = globalThis;
  const timers = new Set<unknown>();
  globalThis.setInterval = ((...all: Parameters<typeof start>) => {
    const timer = start(...all);
    timers.add(timer);
    return timer;
  }) as typeof start;
  globalThis.clearInterval = (timer) => {
    timers.delete(timer);
    end(timer);
  };
  stops.push(() => Object.assign(globalThis, { setInterval: start, clearInterval: end }));

  for (const observer of ["ResizeObserver", "IntersectionObserver", "MutationObserver"] as const) {
    const { prototype } = globalThis[observer] ?? {};
    if (!prototype) continue;
    const { observe, disconnect } = prototype;
    const watching = new Set<object>();
    prototype.observe = function (this: object, ...all: never[]) {
      if (!watching.has(this)) on++;
      watching.add(this);
      return (observe as (...all: never[]) => void).apply(this, all);
    } as never;
    prototype.disconnect = function (this: object) {
      if (watching.delete(this)) on--;
      disconnect.call(this);
    };
    stops.push(() => Object.assign(prototype, { observe, disconnect }));
  }
  return {
    on: () => on + timers.size + [...held.values()].reduce((sum, mine) => sum + mine.size, 0),
    stop: () => {
      for (const stop of stops.reverse()) stop();
    },
  };
}
