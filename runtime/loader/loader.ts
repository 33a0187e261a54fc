import { type Disposer, disposer } from "../core/disposer";
import { dress } from "../core/frame";
import { readGame } from "../core/game-xml";
import { mount } from "../core/mount";
import { type Page, readPage, tellHost } from "../core/page";
import { displayedWidth, loadPicture } from "../core/pictures";
import english from "../core/strings/en.json";
import { reader, type Strings } from "../core/text";
import { trouble } from "../core/trouble";
import type { Game, Template, Widget } from "../core/types";

/** A game on its way to the element, or playing there. */
export interface Opening {
  /** The widget, once it plays; waits on while the player is offered to try again. */
  readonly ready: Promise<Widget>;
  /** Takes everything away, in whatever state it is. A second call does nothing. */
  destroy(): void;
}

async function fetched(url: string): Promise<Response> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${response.status} ${url}`);
  return response;
}

/** The game that the page holds inline, or the one at the address. */
async function findGame(address: string | undefined): Promise<Game> {
  if (address) {
    const url = new URL(address, document.baseURI).href;
    return readGame(await (await fetched(url)).text(), url);
  }
  return readGame(document.getElementById("game")?.textContent ?? "", document.baseURI);
}

/** The page brings its skin; a widget on another page brings its own. */
function wearSkin(element: HTMLElement, game: Game, undo: Disposer): Promise<unknown> {
  const links = [...document.querySelectorAll<HTMLLinkElement>("link[rel=stylesheet]")];
  if (links.some(({ href }) => href === game.skin.url)) return Promise.resolve();
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.crossOrigin = "anonymous";
  link.href = game.skin.url;
  undo.defer(() => link.remove());
  return new Promise((loaded, failed) => {
    link.onload = loaded;
    link.onerror = failed;
    element.before(link);
  });
}

/** The script of the template. Browsers may remember that a module failed: another attempt asks by another address. */
async function templateOf(game: Game, attempt: number): Promise<Template<object, unknown>> {
  const module = await import(game.template.url + (attempt ? `?${attempt}` : ""));
  return module.default;
}

async function stringsOf(game: Game): Promise<Strings> {
  return game.stringsUrl ? (await fetched(game.stringsUrl)).json() : {};
}

/**
 * Loads a game into the element and plays it there: that of the page itself (`<script type="application/xml" id="game">`), or the
 * one whose game.xml lies at `address`. `page` may be given by a host that knows better than the document's own address.
 */
export function open(element: HTMLElement, address?: string, page: Page = readPage()): Opening {
  const all = disposer();
  let attempt = 0;

  async function load(ready: (widget: Widget) => void) {
    const undo = disposer();
    all.defer(() => undo.dispose());
    let text = reader(english, "en");
    try {
      const game = await findGame(address);
      const skin = wearSkin(element, game, undo);
      dress(element, game, page, undo);
      await skin;
      const box = element.getBoundingClientRect();
      const loading = game.pictures.map((picture) =>
        loadPicture(
          picture,
          displayedWidth(box, picture.width / picture.height, game.pictures.length),
          devicePixelRatio,
        ),
      );
      const [strings, template] = await Promise.all([stringsOf(game), templateOf(game, attempt)]);
      text = reader({ ...english, ...template.strings, ...strings }, game.lang);
      const pictures = await Promise.all(loading);
      if (!undo.over) ready(mount(element, game, template, pictures, text, page, all));
    } catch (error) {
      if (undo.over) return;
      console.error(error);
      tellHost(null, "error");
      trouble(
        element,
        text,
        () => {
          undo.dispose();
          attempt++;
          load(ready);
        },
        undo,
      );
    }
  }

  return { ready: new Promise(load), destroy: () => all.dispose() };
}

const place = document.getElementById("play");
if (place && document.getElementById("game")) open(place);
