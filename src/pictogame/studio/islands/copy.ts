/** Copy buttons: one press, and the button says that it is done. */
import { find, on } from "./page";

const SAID_FOR = 2000;

export function copying(): void {
  on("click", "[data-copy] button", async (element) => {
    const button = element as HTMLButtonElement;
    const box = button.closest<HTMLElement>("[data-copy]");
    const field = box && find<HTMLInputElement | HTMLTextAreaElement>("input, textarea", box);
    const word = find("[data-word]", button);
    if (!field || !word || button.dataset.said) return;
    const before = word.textContent ?? "";
    const done = await copied(field);
    button.dataset.said = "yes";
    button.classList.toggle("done", done);
    word.textContent = done ? "Copied" : "Press Ctrl or ⌘ and C";
    word.setAttribute("role", "status");
    setTimeout(() => {
      delete button.dataset.said;
      button.classList.remove("done");
      word.removeAttribute("role");
      word.textContent = before;
    }, SAID_FOR);
  });
  on("focusin", "[data-copy] input, [data-copy] textarea", (field) => (field as HTMLInputElement).select());
}

async function copied(field: HTMLInputElement | HTMLTextAreaElement): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(field.value);
    return true;
  } catch {
    // No clipboard over plain http, or it was refused: the text lies marked, and the keyboard copies it.
    field.focus();
    field.select();
    return false;
  }
}
