import type { Game } from "./types";

/** What the page around a game asks for, read from its address and its root element. */
export interface Page {
  /** A miniature: it plays by itself and takes no input. */
  readonly mini: boolean;
  readonly theme: "light" | "dark" | null;
  /** Where "Make your own" leads; empty when nowhere. */
  readonly make: string;
  /** The address that a friend is sent. */
  readonly link: string;
}

/** `?mini` and `?theme=light|dark` of the document's address, `data-make` of its root element. */
export function readPage(): Page {
  const { search, href } = location;
  const query = new URLSearchParams(search);
  const theme = query.get("theme");
  return {
    mini: query.has("mini"),
    theme: theme === "light" || theme === "dark" ? theme : null,
    make: document.documentElement.dataset.make ?? "",
    link: href.replace(/[?#].*/, ""),
  };
}

/** Tells the host page what happens, in case it listens. */
export function tellHost(game: Game | null, event: string, more: object = {}): void {
  if (parent !== window) parent.postMessage({ type: "pictogame", event, id: game?.id ?? "", ...more }, "*");
}
