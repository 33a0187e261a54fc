/** Pictures come in: chosen, dropped or pasted; one file per request, three at a time, each with its own row. */
import { sendOrder } from "./arrange";
import { remember } from "./device";
import { find, htmx, node, on, tokenHeader } from "./page";
import { Sending } from "./sending";

const AT_ONCE = 3;

export function upload(): void {
  on("change", "form[data-upload] input[type=file]", (field) => {
    const input = field as HTMLInputElement;
    const form = input.form;
    const files = [...(input.files ?? [])];
    input.value = "";
    if (form && files.length) void take(form, files);
  });
  document.addEventListener("paste", ({ clipboardData }) => {
    const files = [...(clipboardData?.files ?? [])];
    const form = formFor(null);
    if (form && files.length) void take(form, files);
  });
  dropping();
}

/** A drop anywhere on the page counts; nothing else may happen to the files, such as the browser opening one. */
function dropping(): void {
  const holdsFiles = (event: DragEvent) =>
    Boolean(event.dataTransfer?.types.includes("Files")) && formFor(null) !== null;
  const light = (is: boolean) => document.body.classList.toggle("dropping", is);
  document.addEventListener("dragover", (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    light(true);
  });
  document.addEventListener("dragleave", ({ relatedTarget }) => relatedTarget === null && light(false));
  document.addEventListener("drop", (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    light(false);
    const form = formFor(event.target instanceof Element ? event.target : null);
    const files = [...(event.dataTransfer?.files ?? [])];
    if (form && files.length) void take(form, files);
  });
}

/** The form that files belong to: the one they were dropped beside, else the first with room, else the first. */
function formFor(near: Element | null): HTMLFormElement | null {
  const beside = near?.closest(".slot")?.querySelector<HTMLFormElement>("form[data-upload]");
  const forms = [...document.querySelectorAll<HTMLFormElement>("form[data-upload]")];
  return beside ?? forms.find((form) => roomIn(form) > 0) ?? forms[0] ?? null;
}

const listOf = (form: HTMLFormElement): HTMLElement | null =>
  form.dataset.list ? document.getElementById(form.dataset.list) : find("[data-waiting]");

const most = (form: HTMLFormElement): number => Number(form.dataset.most ?? 1);

/** How many more it takes; a place for one picture always takes another instead. */
function roomIn(form: HTMLFormElement): number {
  const taken = listOf(form)?.querySelectorAll("[data-id], .sending:not([data-out])").length ?? 0;
  return most(form) === 1 ? 1 : Math.max(0, most(form) - taken);
}

async function take(form: HTMLFormElement, files: File[]): Promise<void> {
  if ("create" in form.dataset) {
    const made = await create(form);
    if (made) await take(made, files);
    return;
  }
  const list = listOf(form);
  if (!list) return;
  const room = roomIn(form);
  const out = files.length - room;
  say(out > 0 ? tooMany(form, files, out) : "");
  const limit = Number(form.dataset.limit);
  const sendings = files.slice(0, room).map((file) => new Sending(file, icon));
  list.append(...sendings.map(({ row }) => row));
  const queue = sendings.filter((sending) => {
    if (sending.file.size <= limit) return true;
    refuse(sending, `This picture weighs more than ${Math.floor(limit / 1e6)} MB: save it smaller and try again.`);
    return false;
  });
  count(queue.length);
  sendings[0]?.row.scrollIntoView({ block: "nearest" });
  const work = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) await send(form, list, next);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  // They were added as they arrived; what counts is the order in which they were chosen.
  if (sendings.length > 1) await sendOrder(list);
}

function tooMany(form: HTMLFormElement, files: File[], out: number): string {
  const stay = out === 1 ? "one stays out" : `${out} stay out`;
  return `This game takes ${form.dataset.takes || `${most(form)} pictures`}. Of the ${files.length} you brought, ${stay}.`;
}

/** While files are on their way, the page's one next thing is to wait for them. */
function count(by: number): void {
  const underway = Number(document.body.dataset.sending ?? 0) + by;
  if (underway > 0) document.body.dataset.sending = String(underway);
  else delete document.body.dataset.sending;
}

async function send(form: HTMLFormElement, list: HTMLElement, sending: Sending): Promise<void> {
  const outcome = await sending.send(form.action);
  count(-1);
  if (outcome.kind === "added") {
    if (most(form) === 1) for (const old of list.querySelectorAll("[data-id]")) old.remove();
    // The page may have asked how things stand meanwhile, and have got the same row.
    const key = /data-key="([\w-]+)"/.exec(outcome.html)?.[1];
    if (key) document.getElementById(`row-${key}`)?.remove();
    htmx()?.swap(sending.row, outcome.html, { swapStyle: "outerHTML" });
    sending.release();
  } else if (outcome.kind === "refused") {
    refuse(sending, outcome.sentence);
  } else if (outcome.kind === "broken" || outcome.kind === "later") {
    const broke = "The connection broke before it was all sent. Nothing is lost: send it again.";
    sending.explain(outcome.sentence || broke, () => {
      count(1);
      void send(form, list, sending);
    });
  }
}

function refuse(sending: Sending, sentence: string): void {
  sending.row.dataset.out = "yes";
  sending.explain(sentence);
}

/** Makes the draft and puts its page in the place of this one; the form for its pictures, or null with a sentence said. */
async function create(form: HTMLFormElement): Promise<HTMLFormElement | null> {
  try {
    const answer = await fetch(form.action, {
      method: "POST",
      headers: { ...tokenHeader(), Accept: "application/json" },
    });
    if (!answer.ok) throw new Error(String(answer.status));
    const { edit } = (await answer.json()) as { edit: string };
    const main = find("#main");
    if (!main) return null;
    await htmx()?.ajax("GET", edit, { target: main, swap: "outerHTML", select: "#main" });
    history.replaceState(null, "", edit);
    remember();
    return formFor(null);
  } catch {
    say("Your game could not be begun: the connection is gone. Try again in a moment.");
    return null;
  }
}

function say(sentence: string): void {
  const said = find("#said");
  const problem = node("p", "problem", sentence);
  problem.setAttribute("role", "alert");
  said?.replaceChildren(...(sentence ? [problem] : []));
  if (sentence) said?.scrollIntoView({ block: "nearest" });
}

/** An icon of the sprite, by the address that the page's other icons have. */
function icon(name: string): Node {
  const sprite = find<SVGElement & HTMLElement>(".icon use")?.getAttribute("href")?.split("#")[0] ?? "";
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(space, "use");
  use.setAttribute("href", `${sprite}#${name}`);
  svg.append(use);
  return svg;
}
