import type { Game } from "./types";

/** What the page around a game asks for, read from its address. */
export interface Page {
  /** A miniature: it plays by itself and takes no input. */
  readonly mini: boolean;
  readonly theme: "light" | "dark" | null;
  /** Where "Make your own" leads, empty for nowhere; `data-make` of the document's root element when nothing is said. */
  readonly make?: string;
  /** The address that a friend is sent; the document's own when nothing is said. */
  readonly link?: string;
}

/** `?mini` and `?theme=light|dark` of the document's address. */
export function readPage(): Page {
  const query = new URLSearchParams(location.search);
  const theme = query.get("theme");
  return {
    mini: query.has("mini"),
    theme: theme === "light" || theme === "dark" ? theme : null,
  };
}

/** Tells the host page what happens, in case it listens. */
export function tellHost(game: Game | null, event: string, more: object = {}): void {
  if (parent !== window) parent.postMessage({ type: "pictogame", event, id: game?.id ?? "", ...more }, "*");
}
