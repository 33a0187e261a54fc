/** "Your games": a list that this browser keeps, of games that were made with it. The server never sees it. */
import { find } from "./page";

interface Kept {
  readonly id: string;
  readonly title: string;
  readonly edit: string;
  readonly at: number;
}

const KEY = "pictogame.mine";
const MOST = 200;
/** Edit links alone: whoever comes as the owner has none, and must not put out the one that was kept. */
const LINK = /^\/g\/[a-z2-7]{14}\/edit\/[a-z0-9]{32}\/$/;

/** What is kept; null where the browser keeps nothing. What somebody else wrote there is left out. */
function kept(): Kept[] | null {
  try {
    const said: unknown = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(said) ? said.filter(isKept) : [];
  } catch {
    return refused() ? null : [];
  }
}

function refused(): boolean {
  try {
    localStorage.setItem(`${KEY}.try`, "1");
    localStorage.removeItem(`${KEY}.try`);
    return false;
  } catch {
    return true;
  }
}

function isKept(one: unknown): one is Kept {
  const { id, title, edit, at } = (one ?? {}) as Record<string, unknown>;
  return typeof id === "string" && typeof title === "string" && typeof at === "number" && LINK.test(String(edit));
}

function keep(games: readonly Kept[]): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(games.slice(0, MOST)));
  } catch {
    // Nothing is kept then; the page of games says so.
  }
}

/** Remembers the game that a page is about, newest first. */
export function remember(): void {
  const about = find("[data-game][data-edit]");
  const { game, edit, title } = about?.dataset ?? {};
  if (!game || !edit || !LINK.test(edit)) return;
  const others = (kept() ?? []).filter((one) => one.id !== game);
  keep([{ id: game, title: title ?? "", edit, at: Date.now() }, ...others]);
}

function forget(id: string): void {
  keep((kept() ?? []).filter((one) => one.id !== id));
}

/** Games that the page shows above, as those of an account: nobody needs to see them twice. */
function inAccount(): ReadonlySet<string> {
  const links: unknown = JSON.parse(find<HTMLInputElement>("[data-kept]")?.value ?? "[]");
  return new Set(Array.isArray(links) ? links.map((link) => String(link).split("/")[2] ?? "") : []);
}

function show(): void {
  const list = find("[data-mine]");
  const pattern = find<HTMLTemplateElement>("[data-mine-item]");
  if (!list || !pattern) return;
  const above = inAccount();
  const games = kept()?.filter((game) => !above.has(game.id)) ?? null;
  const none = find("[data-mine-none]");
  const no = find("[data-mine-refused]");
  if (no) no.hidden = games !== null;
  if (none) none.hidden = Boolean(games?.length);
  list.hidden = !games?.length;
  const numbers = find("[data-mine-numbers]");
  if (numbers) numbers.hidden = !games?.length;
  list.replaceChildren(
    ...(games ?? []).map((game) => {
      const item = pattern.content.cloneNode(true) as DocumentFragment;
      const put = (name: string, change: (element: HTMLElement) => void) => {
        const element = item.querySelector<HTMLElement>(name);
        if (element) change(element);
      };
      const when = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });
      put("[data-title]", (element) => element.append(game.title));
      put("[data-when]", (element) => element.append(`Last here ${when.format(game.at)}`));
      put("[data-edit]", (element) => element.setAttribute("href", game.edit));
      put("[data-share]", (element) => element.setAttribute("href", `${game.edit}share/`));
      put("[data-numbers]", (element) => element.setAttribute("href", `${game.edit}numbers/`));
      put("[data-keep]", (element) => element.setAttribute("action", `${game.edit}keep/`));
      put("[data-forget]", (element) =>
        element.addEventListener("click", () => {
          forget(game.id);
          show();
          find("h1")?.scrollIntoView({ block: "nearest" });
        }),
      );
      return item;
    }),
  );
}

export function device(): void {
  remember();
  show();
  const deletes = find<HTMLFormElement>("[data-deletes]");
  const numbers = find<HTMLFormElement>("[data-mine-numbers]");
  numbers?.addEventListener("submit", () => {
    const field = find<HTMLInputElement>("input[name=games]", numbers);
    if (field) field.value = JSON.stringify((kept() ?? []).map((game) => game.edit));
  });
  forget(find("[data-gone]")?.dataset.gone ?? "");
  deletes?.addEventListener("submit", () => forget(deletes.dataset.deletes ?? ""));
}
