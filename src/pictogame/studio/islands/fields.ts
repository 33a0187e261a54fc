/** Small manners of forms: marks the fields that have a sentence beside them, and sends a switch at once. */
import { find, on } from "./page";

export function fields(): void {
  const mark = () => {
    for (const said of document.querySelectorAll<HTMLElement>("[data-problem]")) {
      const field = find(`[name="${said.dataset.problem}"]`);
      if (!field) continue;
      if (said.childElementCount) field.setAttribute("aria-invalid", "true");
      else field.removeAttribute("aria-invalid");
    }
  };
  document.addEventListener("htmx:afterSettle", mark);
  document.addEventListener("htmx:oobAfterSwap", mark);
  on("change", "[data-at-once]", (form) => (form as HTMLFormElement).requestSubmit());
}
