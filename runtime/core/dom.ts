/** The few ways in which core makes nodes: text as text, never as markup. */

/** A node with a class and children. */
export function node<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className = "",
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

/** A Lucide-like icon of one path on a grid of 24. */
export function icon(path: string): SVGElement {
  const name = "http://www.w3.org/2000/svg";
  const drawing = document.createElementNS(name, "svg");
  drawing.setAttribute("viewBox", "0 0 24 24");
  drawing.setAttribute("aria-hidden", "true");
  const line = document.createElementNS(name, "path");
  line.setAttribute("d", path);
  drawing.append(line);
  return drawing;
}

/** The picture on a canvas: drawn and not loaded again, so that it costs no request. */
export function drawn(image: HTMLImageElement, alt: string): HTMLCanvasElement {
  const canvas = node("canvas");
  canvas.width = image.naturalWidth;
  canvas.height = image.naturalHeight;
  canvas.getContext("2d")?.drawImage(image, 0, 0);
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", alt);
  return canvas;
}

/** The 16 colours of a picture, to be stretched smoothly until the picture is there. */
export function placeholder(colours: readonly string[]): HTMLCanvasElement {
  const canvas = node("canvas", "pg-colours");
  canvas.width = canvas.height = 4;
  const context = canvas.getContext("2d");
  colours.forEach((colour, n) => {
    if (!context) return;
    context.fillStyle = `#${colour}`;
    context.fillRect(n % 4, n >> 2, 1, 1);
  });
  return canvas;
}
