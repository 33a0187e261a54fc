/** The focus point: click, drag or arrow keys on the whole picture. The numbers beneath are the same point, for those who like them better. */
import { find, htmx, on } from "./page";

const STEP = 20;
const MOST = 1000;

interface Point {
  readonly x: number;
  readonly y: number;
}

const within = (value: number): number => Math.min(MOST, Math.max(0, Math.round(value)));

function inputs(pad: HTMLElement): { x: HTMLInputElement; y: HTMLInputElement; form: HTMLFormElement } | null {
  const form = pad.closest("form");
  const x = form && find<HTMLInputElement>("[name=focus_x]", form);
  const y = form && find<HTMLInputElement>("[name=focus_y]", form);
  return form && x && y ? { form, x, y } : null;
}

function pointOf(pad: HTMLElement): Point {
  const found = inputs(pad);
  return { x: within(Number(found?.x.value ?? 500)), y: within(Number(found?.y.value ?? 500)) };
}

/** Puts the dot and the numbers at a point, and tells it to those who can't see. */
function put(pad: HTMLElement, { x, y }: Point): void {
  const found = inputs(pad);
  if (found) {
    found.x.value = String(x);
    found.y.value = String(y);
  }
  const dot = find("[data-dot]", pad);
  dot?.style.setProperty("left", `${x / 10}%`);
  dot?.style.setProperty("top", `${y / 10}%`);
  const [across, down] = [Math.round(x / 10), Math.round(y / 10)];
  pad.setAttribute("aria-valuenow", String(across));
  pad.setAttribute("aria-valuetext", `${across} percent from the left, ${down} percent from the top`);
}

function send(pad: HTMLElement): void {
  const form = pad.closest("form");
  if (form) htmx()?.trigger(form, "point");
}

function at(pad: HTMLElement, event: PointerEvent): Point {
  const { left, top, width, height } = pad.getBoundingClientRect();
  return { x: within(((event.clientX - left) / width) * MOST), y: within(((event.clientY - top) / height) * MOST) };
}

export function focus(): void {
  // `toggle` does not bubble, so it is heard on its way down. The original is fetched only when somebody wants to see it.
  on(
    "toggle" as keyof DocumentEventMap,
    "[data-focus]",
    (details) => {
      const pad = find("[data-pad]", details);
      const image = find<HTMLImageElement>("img", details);
      if (!pad || !image || !(details as HTMLDetailsElement).open) return;
      put(pad, pointOf(pad));
      if (image.src || !image.dataset.src) return;
      image.addEventListener("error", () => {
        pad.hidden = true;
        const unseen = find("[data-unseen]", details);
        if (unseen) unseen.hidden = false;
      });
      image.src = image.dataset.src;
    },
    { capture: true },
  );
  let held: HTMLElement | null = null;
  on("pointerdown", "[data-pad]", (pad, event) => {
    held = pad;
    pad.setPointerCapture(event.pointerId);
    put(pad, at(pad, event));
  });
  on("pointermove", "[data-pad]", (pad, event) => {
    if (held === pad) put(pad, at(pad, event));
  });
  on("pointerup", "[data-pad]", (pad) => {
    if (held === pad) send(pad);
    held = null;
  });
  on("pointercancel", "[data-pad]", () => {
    held = null;
  });
  on("keydown", "[data-pad]", (pad, event) => {
    const step = event.shiftKey ? STEP * 5 : STEP;
    const { x, y } = pointOf(pad);
    const moved: Record<string, Point> = {
      ArrowLeft: { x: x - step, y },
      ArrowRight: { x: x + step, y },
      ArrowUp: { x, y: y - step },
      ArrowDown: { x, y: y + step },
    };
    const next = moved[event.key];
    if (!next) return;
    event.preventDefault();
    put(pad, { x: within(next.x), y: within(next.y) });
  });
  on("keyup", "[data-pad]", (pad, event) => {
    if (event.key.startsWith("Arrow")) send(pad);
  });
  on("input", "[data-focus] input[type=number]", (field) => {
    const details = field.closest<HTMLElement>("[data-focus]");
    const pad = details && find("[data-pad]", details);
    if (pad) {
      const { x, y } = pointOf(pad);
      const dot = find("[data-dot]", pad);
      dot?.style.setProperty("left", `${x / 10}%`);
      dot?.style.setProperty("top", `${y / 10}%`);
    }
  });
}
