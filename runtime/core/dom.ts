/** The few ways in which core makes nodes: text as text, never as markup. */

/** A node with a class and children. */
export function node<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className = "",
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  made.className = className;
  made.append(...children);
  return made;
}

/** A button that does one thing; it needs no undoing, for it goes with its node. */
export function button(className: string, action: () => void, ...children: (Node | string)[]): HTMLButtonElement {
  const made = node("button", `pg-button ${className}`, ...children);
  made.type = "button";
  made.onclick = action;
  return made;
}

/** An icon of one path on a grid of 24. */
export function icon(path: string): SVGElement {
  const make = (tag: string, name: string, value: string) => {
    const made = document.createElementNS("http://www.w3.org/2000/svg", tag) as SVGElement;
    made.setAttribute(name, value);
    return made;
  };
  const drawing = make("svg", "viewBox", "0 0 24 24");
  drawing.append(make("path", "d", path));
  return drawing;
}

/** The picture on a canvas, so wide and no less high than its ratio asks: drawn and not loaded again, it costs no request. */
export function drawn(image: HTMLImageElement, alt: string, width: number): HTMLCanvasElement {
  const made = node("canvas");
  made.width = width;
  made.height = (width * image.naturalHeight) / image.naturalWidth;
  made.getContext("2d")?.drawImage(image, 0, 0, made.width, made.height);
  made.setAttribute("role", "img");
  made.setAttribute("aria-label", alt);
  return made;
}

/** The 16 colours of a picture, to be stretched smoothly until the picture is there. */
export function placeholder(colours: readonly string[]): HTMLCanvasElement {
  const made = node("canvas");
  made.width = made.height = 4;
  const context = made.getContext("2d");
  colours.forEach((colour, n) => {
    if (!context) return;
    context.fillStyle = `#${colour}`;
    context.fillRect(n % 4, n >> 2, 1, 1);
  });
  return made;
}
