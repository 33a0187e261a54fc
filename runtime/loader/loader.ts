import { type Disposer, disposer } from "../core/disposer";
import { button, node } from "../core/dom";
import type { Finale } from "../core/finale/finale";
import { layTable, onTable } from "../core/frame";
import { readGame } from "../core/game-xml";
import { mount } from "../core/mount";
import { type Page, readPage, tellHost } from "../core/page";
import { displayedWidth, loadPicture } from "../core/pictures";
import english from "../core/strings/en.json";
import { wearRules } from "../core/style";
import { reader, type Strings } from "../core/text";
import type { Game, Widget } from "../core/types";

// Templates take these from here, for they are here already.
export { button, icon, node } from "../core/dom";
export { random, shuffle } from "../core/random";

/** Where the finale lies beside this script: put in by the build. */
declare const FINALE: string;

/** A game on its way to the element, or playing there. */
export interface Opening {
  /** The widget, once it plays; waits on while the player is offered to try again. */
  readonly ready: Promise<Widget>;
  /** Takes everything away, in whatever state it is. A second call does nothing. */
  destroy(): void;
}

async function fetched(url: string): Promise<Response> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(url);
  return response;
}

/** What the page holds inline under this id. */
const held = (id: string) => document.getElementById(id)?.textContent;

/** The game that the page holds, or the one at the address. */
async function findGame(address: string | undefined): Promise<Game> {
  const base = document.baseURI;
  if (!address) return readGame(held("game") ?? "", base);
  const { href } = new URL(address, base);
  return readGame(await (await fetched(href)).text(), href);
}

/** What the game says in its language, where that is not English: the page holds it, or a file does. */
async function findStrings({ stringsUrl }: Game, address: string | undefined): Promise<Strings> {
  const said = !address && held("strings");
  if (said) return JSON.parse(said);
  return stringsUrl ? (await fetched(stringsUrl)).json() : {};
}

/** The style sheet of the skin, loaded: the page brings it, or it is put beside the element. */
async function skinOf({ skin }: Game, element: HTMLElement, undo: Disposer): Promise<CSSStyleSheet> {
  const there = [...document.styleSheets].find(({ href }) => href === skin.url);
  if (there) return there;
  const link = node("link");
  undo.defer(() => link.remove());
  await new Promise((loaded, failed) => {
    link.onload = loaded;
    link.onerror = failed;
    link.crossOrigin = "";
    link.rel = "stylesheet";
    link.href = skin.url;
    element.before(link);
  });
  return link.sheet as CSSStyleSheet;
}

/**
 * Loads a game into the element and plays it there: that of the page itself (`<script type="application/xml" id="game">`), or the
 * one whose game.xml lies at `address`. `page` may be given by a host that knows better than the document's own address.
 */
export function open(element: HTMLElement, address?: string, page: Page = readPage()): Opening {
  const all = disposer();

  async function load(ready: (widget: Widget) => void, attempt: number) {
    const undo = disposer();
    all.defer(undo.dispose);
    let text = reader(english, "en");
    let table = element;
    undo.defer(() => element.replaceChildren());
    try {
      const game = await findGame(address);
      const skin = await skinOf(game, element, undo);
      table = layTable(element, game, page, undo);
      const [pictures, { default: template }, strings] = await Promise.all([
        Promise.all(
          game.pictures.map((picture) =>
            loadPicture(picture, displayedWidth(table, picture.width / picture.height, game.pictures.length)),
          ),
        ),
        // Browsers may remember that a module failed: another attempt asks by another address.
        import(game.template.url + (attempt ? `?${attempt}` : "")),
        findStrings(game, address),
      ]);
      text = reader({ ...english, ...template.strings, ...strings }, game.lang);
      if (undo.over) return;
      wearRules(skin, template.css, undo);
      let asked = 0;
      const finale = async () => {
        const script = FINALE + (asked++ ? `?${asked}` : "");
        const found: Finale = await import(script);
        wearRules(skin, found.css, all);
        return found;
      };
      ready(mount(table, game, template, pictures, text, page, all, finale));
    } catch (error) {
      if (undo.over) return;
      console.error(error);
      tellHost(null, "error");
      const sentence = node("p", "", text("failed"));
      sentence.setAttribute("role", "alert");
      const retry = () => {
        undo.dispose();
        load(ready, attempt + 1);
      };
      table.replaceChildren(onTable(sentence, button("pg-act", retry, text("retry"))));
    }
  }

  return { ready: new Promise((ready) => load(ready, 0)), destroy: all.dispose };
}

// Where rules are replayed there is no document.
const own = globalThis.document;
const place = own?.getElementById("play");
if (place && own.getElementById("game")) open(place);
