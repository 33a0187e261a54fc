import type { Game, OptionValue, Picture, Source } from "./types";

const NAMESPACE = "urn:pictogame:game:1";

/** game.xml that breaks a rule of `docs/formats/game-xml.md`; `message` begins with the element or attribute concerned. */
export class GameError extends Error {}

/** Lets only what holds pass: `what` names the part of the file that is wrong. */
function must(holds: unknown, what: string, why = "wrong"): asserts holds {
  if (!holds) throw new GameError(`${what}: ${why}`);
}

function matching(element: Element, name: string, rule: RegExp): string {
  const value = element.getAttribute(name) ?? "";
  must(rule.test(value), name, value);
  return value;
}

const wholeNumber = (element: Element, name: string) => Number(matching(element, name, /^\d{1,10}$/));

/** A size in pixels; nothing is 0 wide. */
function side(element: Element, name: string): number {
  const pixels = wholeNumber(element, name);
  must(pixels > 0, name);
  return pixels;
}

/** Only http and https: an address must not run a script. */
function address(element: Element, base: string): string {
  const reference = element.getAttribute("src");
  must(reference, "address", element.localName);
  let url: URL;
  try {
    url = new URL(reference, base);
  } catch {
    throw new GameError(`address: ${reference}`);
  }
  must(/^https?:$/.test(url.protocol), "address", reference);
  return url.href;
}

const children = (parent: Element, name: string) =>
  [...parent.children].filter((child) => child.localName === name && child.namespaceURI === NAMESPACE);

function only(parent: Element, name: string): Element {
  const [first, second] = children(parent, name);
  must(first && !second, name, "one is needed");
  return first;
}

const textOf = (element: Element | undefined) => (element?.textContent ?? "").trim();

function optionValue(value: string): OptionValue {
  if (value === "true" || value === "false") return value === "true";
  return /^-?\d{1,9}$/.test(value) ? Number(value) : value;
}

function source(element: Element, base: string): Source {
  return {
    url: address(element, base),
    type: matching(element, "type", /^image\/[a-z]+$/),
    width: side(element, "width"),
    height: side(element, "height"),
  };
}

function picture(element: Element, base: string): Picture {
  const sources = children(element, "source").map((one) => source(one, base));
  must(sources.length, "source", "one is needed");
  return {
    slot: matching(element, "slot", /^\w+$/),
    alt: element.getAttribute("alt") ?? "",
    width: side(element, "width"),
    height: side(element, "height"),
    colours: matching(element, "colours", /^[\da-f]{6}( [\da-f]{6}){15}$/).split(" "),
    sources,
  };
}

/** A part of the runtime: its name and where it lies. */
function part(game: Element, name: string, base: string) {
  const element = only(game, name);
  return { name: matching(element, "name", /^[a-z][a-z-]*$/), url: address(element, base) };
}

/**
 * Reads game.xml as it is published. `base` is its own address, against which references are resolved.
 * Throws GameError for anything that the format does not allow.
 */
export function readGame(xml: string, base: string): Game {
  // A document type could define entities that grow without end; game.xml has none.
  must(!/<!DOCTYPE/i.test(xml), "doctype", "not allowed");
  const parsed = new DOMParser().parseFromString(xml.trim(), "application/xml");
  const game = parsed.documentElement;
  must(game && !parsed.querySelector("parsererror"), "xml", "not well-formed");
  must(game.localName === "game" && game.namespaceURI === NAMESPACE, "namespace");
  const title = textOf(only(game, "title"));
  must(title && title.length <= 240, "title");
  const seed = wholeNumber(game, "seed");
  must(seed < 2 ** 31, "seed");
  const pictures = children(game, "picture").map((one) => picture(one, base));
  must(pictures.length, "picture", "one is needed");
  const [strings] = children(game, "strings");
  const score = only(game, "score");
  return {
    id: matching(game, "id", /^[a-z2-7]{14}$/),
    lang: matching(game, "lang", /^[a-z]{2,3}(-\w+)*$/i),
    seed,
    title,
    message: textOf(children(game, "message")[0]),
    template: part(game, "template", base),
    skin: part(game, "skin", base),
    stringsUrl: strings ? address(strings, base) : null,
    options: Object.fromEntries(
      children(game, "option").map((option) => [
        matching(option, "name", /^\w+$/),
        optionValue(option.getAttribute("value") ?? ""),
      ]),
    ),
    pictures,
    score: {
      measure: matching(score, "measure", /^(time|moves|points)$/) as Game["score"]["measure"],
      better: matching(score, "better", /^(lower|higher)$/) as Game["score"]["better"],
    },
  };
}
