/** The order of pictures: buttons, or dragging a picture by itself. The page moves at once, the server follows. */
import { find, htmx, node, on, tokenHeader } from "./page";

let told: Promise<void> = Promise.resolve();

/** Tells the server the order that the list shows: one telling after another, so that an earlier order never arrives last. */
export function sendOrder(list: HTMLElement): Promise<void> {
  told = told.then(() => tell(list));
  return told;
}

async function tell(list: HTMLElement): Promise<void> {
  const url = list.dataset.order;
  const ids = [...list.querySelectorAll<HTMLElement>("[data-id]")].map((row) => row.dataset.id ?? "");
  if (!url || ids.length < 2) return;
  const said = find("#said");
  try {
    const answer = await fetch(url, {
      method: "POST",
      headers: { ...tokenHeader(), "HX-Request": "true" },
      body: new URLSearchParams([["order", ids.join(",")], ...haves()]),
      keepalive: true, // Whoever leaves the page at once finds the order kept.
    });
    const html = await answer.text();
    if (!said) return;
    if (answer.ok) htmx()?.swap(node("div"), html, { swapStyle: "none" });
    else htmx()?.swap(said, html, { swapStyle: "innerHTML" });
  } catch {
    said?.replaceChildren(node("p", "problem", "The new order could not be kept: the connection is gone. Try again."));
  }
}

/** What the page shows, so that the answer brings what another window added and takes away what it removed. */
function haves(): [string, string][] {
  return [...document.querySelectorAll<HTMLInputElement>("input[name=have]")].map(({ value }) => ["have", value]);
}

export function arrange(): void {
  on("submit", "form[data-move]", (form, event) => {
    const { submitter } = event as SubmitEvent;
    const row = form.closest<HTMLElement>("[data-id]");
    const list = row?.parentElement;
    if (!row || !list || !(submitter instanceof HTMLButtonElement)) return;
    event.preventDefault();
    if (submitter.name === "up") row.previousElementSibling?.before(row);
    else row.nextElementSibling?.after(row);
    const hidden = getComputedStyle(submitter).visibility === "hidden";
    (hidden ? find(submitter.name === "up" ? ".down" : ".up", form) : submitter)?.focus();
    void sendOrder(list);
  });
  dragging();
}

function dragging(): void {
  let lifted: HTMLElement | null = null;
  // Only the thumbnail lifts a row: text in its fields stays selectable.
  on("pointerdown", "[data-pictures] .thumb", (thumb) => {
    const row = thumb.closest<HTMLElement>("[data-id]");
    if (row?.parentElement && row.parentElement.childElementCount > 1) row.draggable = true;
  });
  on("dragstart", "[data-pictures] [data-id]", (row, event) => {
    lifted = row;
    event.dataTransfer?.setData("text/x-pictogame", row.dataset.id ?? "");
    if (event.dataTransfer) event.dataTransfer.effectAllowed = "move";
    requestAnimationFrame(() => row.setAttribute("data-lifted", ""));
  });
  on("dragover", "[data-pictures]", (list, event) => {
    if (!lifted || lifted.parentElement !== list) return;
    event.preventDefault();
    const over = event.target instanceof Element ? event.target.closest("[data-id]") : null;
    if (!over || over === lifted || over.parentElement !== list) return;
    const { top, height } = over.getBoundingClientRect();
    if (event.clientY < top + height / 2) over.before(lifted);
    else over.after(lifted);
  });
  on("drop", "[data-pictures]", (_list, event) => lifted && event.preventDefault());
  on("dragend", "[data-pictures] [data-id]", (row) => {
    row.draggable = false;
    row.removeAttribute("data-lifted");
    if (lifted && row.parentElement) void sendOrder(row.parentElement);
    lifted = null;
  });
  on("pointerup", "[data-pictures] .thumb", (thumb) => {
    thumb.closest<HTMLElement>("[data-id]")?.removeAttribute("draggable");
  });
}
