/** Small manners of forms: marks the fields that have a sentence beside them, keeps on Enter, and sends a switch at once. */
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
  // Enter keeps what was typed and leaves the page as it is.
  on("keydown", "[data-choices] input[type=text], [data-choices] input[type=number]", (field, event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    field.dispatchEvent(new Event("change", { bubbles: true }));
  });
  on("change", "[data-at-once]", (form) => (form as HTMLFormElement).requestSubmit());
}
