import type { Game, OptionValue } from "./types";

/** Insists on what `docs/formats/game-xml.md` says; `what` is the name of the element or attribute that is wrong. */
function must(holds: unknown, what: string): asserts holds {
  if (!holds) throw new Error(what);
}

/** What attributes must look like; those that are not here must only be there. Nothing is 0 wide. */
const RULES: Readonly<Record<string, RegExp>> = {
  id: /^[a-z2-7]{14}$/,
  lang: /^[a-z-]+$/i,
  seed: /^\d{1,10}$/,
  width: /^[1-9]\d{0,5}$/,
  height: /^[1-9]\d{0,5}$/,
  colours: /^([\da-f]{6} ){15}[\da-f]{6}$/,
  measure: /^(time|moves|points)$/,
  better: /^(lower|higher)$/,
};

function attribute<T = string>(element: Element, name: string): T {
  const value = element.getAttribute(name) ?? "";
  must((RULES[name] ?? /./).test(value), name);
  return value as T;
}

const size = (element: Element) => ({ width: +attribute(element, "width"), height: +attribute(element, "height") });

/** Only http and https: an address must not run a script. */
function address(element: Element, base: string): string {
  const { href, protocol } = new URL(attribute(element, "src"), base);
  must(/^https?:$/.test(protocol), "src");
  return href;
}

/** The children of this name, so many of them. */
function children(parent: Element, name: string, least = 0, most = 1e4): Element[] {
  const found = [...parent.children].filter((child) => child.localName === name);
  must(found.length >= least && found.length <= most, name);
  return found;
}

const only = (parent: Element, name: string) => children(parent, name, 1, 1)[0] as Element;

const words = (element: Element | undefined) => element?.textContent?.trim() ?? "";

/** A value as the option's type has it; the build sees to it that text is never taken for another type. */
function typed(value: string): OptionValue {
  if (/^(true|false)$/.test(value)) return value === "true";
  return /^-?\d{1,9}$/.test(value) ? +value : value;
}

/**
 * Reads game.xml as it is published. `base` is its own address, against which references are resolved.
 * Throws an Error for what the format does not allow; its message is the name of the element or attribute concerned.
 */
export function readGame(xml: string, base: string): Game {
  // A document type could define entities that grow without end; game.xml has none.
  must(!/<!DOCTYPE/i.test(xml), "doctype");
  const parsed = new DOMParser().parseFromString(xml.trim(), "application/xml");
  must(!parsed.querySelector("parsererror"), "xml");
  const game = parsed.documentElement;
  must(game.localName === "game" && game.namespaceURI === "urn:pictogame:game:1", "game");
  /** A part of the runtime: its name and where it lies. */
  const part = (name: string) => {
    const element = only(game, name);
    return { name: attribute(element, "name"), url: address(element, base) };
  };
  const title = words(only(game, "title"));
  must(title, "title");
  const seed = +attribute(game, "seed");
  must(seed < 2 ** 31, "seed");
  const [strings] = children(game, "strings", 0, 1);
  const score = only(game, "score");
  return {
    id: attribute(game, "id"),
    lang: attribute(game, "lang"),
    seed,
    title,
    message: words(children(game, "message", 0, 1)[0]),
    template: part("template"),
    skin: part("skin"),
    stringsUrl: strings ? address(strings, base) : null,
    options: Object.fromEntries(
      children(game, "option").map((option) => [attribute(option, "name"), typed(attribute(option, "value"))]),
    ),
    pictures: children(game, "picture", 1).map((picture) => ({
      slot: attribute(picture, "slot"),
      alt: picture.getAttribute("alt") ?? "",
      ...size(picture),
      colours: attribute(picture, "colours").split(" "),
      sources: children(picture, "source", 1).map((source) => ({
        url: address(source, base),
        type: attribute(source, "type"),
        ...size(source),
      })),
    })),
    score: { measure: attribute(score, "measure"), better: attribute(score, "better") },
  };
}
