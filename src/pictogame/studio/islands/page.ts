/** The page as the islands know it: its token, htmx, and elements with a type. */

interface Htmx {
  swap(target: Element, content: string, how: { swapStyle: string }): void;
  ajax(
    verb: string,
    path: string,
    context: { source?: Element; target: Element; swap: string; select?: string },
  ): Promise<void>;
  trigger(element: Element, name: string): void;
  process(element: Element): void;
}

declare global {
  interface Window {
    readonly htmx?: Htmx;
  }
}

/** htmx, which the page loads before this; absent when it could not be loaded, and then forms are sent as forms are. */
export const htmx = (): Htmx | undefined => window.htmx;

/** The header that a form of this page must carry. */
export function tokenHeader(): Record<string, string> {
  const said: unknown = JSON.parse(document.body.getAttribute("hx-headers") ?? "{}");
  return said as Record<string, string>;
}

/** The first element that fits, below `root`. */
export function find<T extends HTMLElement>(selector: string, root: ParentNode = document): T | null {
  return root.querySelector<T>(selector);
}

/** An element with a class and content; text is text, never markup. */
export function node<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  name = "",
  ...content: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  if (name) element.className = name;
  element.append(...content);
  return element;
}

/** Listens on the document, so that parts which htmx brings later are heard too. */
export function on<K extends keyof DocumentEventMap>(
  type: K,
  selector: string,
  heard: (element: HTMLElement, event: DocumentEventMap[K]) => void,
  options?: AddEventListenerOptions,
): void {
  document.addEventListener(
    type,
    (event) => {
      const element = event.target instanceof Element ? event.target.closest<HTMLElement>(selector) : null;
      if (element) heard(element, event);
    },
    options,
  );
}
