import type { Game, OptionValue } from "./types";

const NAMESPACE = "urn:pictogame:game:1";

/** game.xml that breaks a rule of `docs/formats/game-xml.md`; the message is the name of the element or attribute that is wrong. */
export class GameError extends Error {}

function must(holds: unknown, what: string): asserts holds {
  if (!holds) throw new GameError(what);
}

function attribute(element: Element, name: string, rule: RegExp): string {
  const value = element.getAttribute(name) ?? "";
  must(rule.test(value), name);
  return value;
}

/** Pixels: nothing is 0 wide. */
const side = (element: Element, name: string) => Number(attribute(element, name, /^[1-9]\d{0,5}$/));

const size = (element: Element) => ({ width: side(element, "width"), height: side(element, "height") });

/** Only http and https: an address must not run a script. */
function address(element: Element, base: string): string {
  const { href, protocol } = new URL(attribute(element, "src", /./), base);
  must(/^https?:$/.test(protocol), "src");
  return href;
}

const children = (parent: Element, name: string) =>
  [...parent.children].filter((child) => child.localName === name && child.namespaceURI === NAMESPACE);

function some(parent: Element, name: string): Element[] {
  const found = children(parent, name);
  must(found.length, name);
  return found;
}

function only(parent: Element, name: string): Element {
  const [first, second] = children(parent, name);
  must(first && !second, name);
  return first;
}

/** The text of an element, at most so long. */
function words(element: Element | undefined, most: number): string {
  const text = (element?.textContent ?? "").trim();
  must(text.length <= most, element?.localName ?? "");
  return text;
}

/** A value as the option's type has it; the build sees to it that text is never taken for another type. */
function typed(value: string): OptionValue {
  if (/^(true|false)$/.test(value)) return value === "true";
  return /^-?\d{1,9}$/.test(value) ? Number(value) : value;
}

/**
 * Reads game.xml as it is published. `base` is its own address, against which references are resolved.
 * Throws GameError for what the format does not allow.
 */
export function readGame(xml: string, base: string): Game {
  // A document type could define entities that grow without end; game.xml has none.
  must(!/<!DOCTYPE/i.test(xml), "doctype");
  const parsed = new DOMParser().parseFromString(xml.trim(), "application/xml");
  must(!parsed.querySelector("parsererror"), "xml");
  const game = parsed.documentElement;
  must(game.localName === "game" && game.namespaceURI === NAMESPACE, "game");
  /** A part of the runtime: its name and where it lies. */
  const part = (name: string) => {
    const element = only(game, name);
    return { name: attribute(element, "name", /^[a-z][a-z-]*$/), url: address(element, base) };
  };
  const title = words(only(game, "title"), 240);
  must(title, "title");
  const seed = Number(attribute(game, "seed", /^\d{1,10}$/));
  must(seed < 2 ** 31, "seed");
  const [strings] = children(game, "strings");
  const score = only(game, "score");
  return {
    id: attribute(game, "id", /^[a-z2-7]{14}$/),
    lang: attribute(game, "lang", /^[a-z]{2,3}(-\w+)*$/i),
    seed,
    title,
    message: words(children(game, "message")[0], 560),
    template: part("template"),
    skin: part("skin"),
    stringsUrl: strings ? address(strings, base) : null,
    options: Object.fromEntries(
      children(game, "option").map((option) => [
        attribute(option, "name", /^\w+$/),
        typed(attribute(option, "value", /./)),
      ]),
    ),
    pictures: some(game, "picture").map((picture) => ({
      slot: attribute(picture, "slot", /^\w+$/),
      alt: picture.getAttribute("alt") ?? "",
      ...size(picture),
      colours: attribute(picture, "colours", /^[\da-f]{6}( [\da-f]{6}){15}$/).split(" "),
      sources: some(picture, "source").map((source) => ({
        url: address(source, base),
        type: attribute(source, "type", /^image\/[a-z]+$/),
        ...size(source),
      })),
    })),
    score: {
      measure: attribute(score, "measure", /^(time|moves|points)$/) as Game["score"]["measure"],
      better: attribute(score, "better", /^(lower|higher)$/) as Game["score"]["better"],
    },
  };
}
