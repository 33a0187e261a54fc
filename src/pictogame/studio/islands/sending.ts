/** One file on its way: its row on the page, its request, its retries. */
import { node, tokenHeader } from "./page";

/** Waits between tries after the connection broke or the server was busy, in milliseconds. */
const RETRY_AFTER = [800, 2500];

/** Too much was sent, or there is no room: trying again at once is of no use. */
const LATER = [429, 507];

/** How a try ended. `refused` is final; `broken` may work at once, `later` when the server has room again. */
export type Outcome =
  | { readonly kind: "added"; readonly html: string }
  | { readonly kind: "refused"; readonly sentence: string }
  | { readonly kind: "broken"; readonly sentence: string }
  | { readonly kind: "later"; readonly sentence: string }
  | { readonly kind: "cancelled" };

export class Sending {
  readonly row = node("li", "sending");
  private readonly bar = node("progress");
  private readonly words = node("div", "stack tight");
  private readonly tools = node("div", "tools");
  private readonly picture: string;
  private request: XMLHttpRequest | null = null;
  private cancelled = false;

  constructor(
    readonly file: File,
    private readonly icon: (name: "x" | "rotate-cw") => Node,
  ) {
    this.picture = URL.createObjectURL(file);
    const image = node("img");
    image.alt = "";
    image.src = this.picture;
    // A kind that this browser can't show (HEIC) is sent all the same.
    image.addEventListener("error", () => image.remove());
    const name = node("p", "name", node("bdi", "", file.name));
    this.bar.max = 100;
    this.bar.value = 0;
    this.bar.setAttribute("aria-label", `Sending ${file.name}`);
    this.words.append(name, this.bar);
    this.row.append(node("div", "thumb", image), this.words, this.tools);
    this.offer("x", `Stop sending ${file.name}`, () => this.cancel());
  }

  /** Sends the file, again when that may help, and says how it ended. */
  async send(url: string): Promise<Outcome> {
    for (let attempt = 0; ; attempt++) {
      const outcome = await this.once(url);
      const pause = RETRY_AFTER[attempt];
      if (outcome.kind !== "broken" || pause === undefined) return outcome;
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }

  private once(url: string): Promise<Outcome> {
    if (this.cancelled) return Promise.resolve({ kind: "cancelled" });
    return new Promise((resolve) => {
      const request = new XMLHttpRequest();
      this.request = request;
      request.open("PUT", url);
      for (const [name, value] of Object.entries(tokenHeader())) request.setRequestHeader(name, value);
      request.setRequestHeader("HX-Request", "true");
      request.setRequestHeader("Content-Type", "application/octet-stream");
      request.setRequestHeader("X-File-Name", encodeURIComponent(this.file.name));
      request.upload.addEventListener("progress", ({ loaded, total }) => {
        // The last part stands for the server's look at the picture.
        this.bar.value = total ? Math.round((loaded / total) * 96) : 0;
      });
      request.addEventListener("load", () => resolve(outcomeOf(request)));
      request.addEventListener("error", () => resolve({ kind: "broken", sentence: "" }));
      request.addEventListener("abort", () => resolve({ kind: "cancelled" }));
      request.send(this.file);
    });
  }

  /** Shows why the file was not added, where the file stands. `again` offers another try. */
  explain(sentence: string, again?: () => void): void {
    this.bar.remove();
    this.words.querySelector(".problem")?.remove();
    const said = node("p", "problem", sentence);
    said.setAttribute("role", "alert");
    this.words.append(said);
    this.tools.replaceChildren();
    this.offer("x", `Put ${this.file.name} away`, () => this.close());
    if (again) {
      this.offer("rotate-cw", `Send ${this.file.name} again`, () => {
        said.remove();
        this.bar.value = 0;
        this.words.append(this.bar);
        again();
      });
    }
  }

  /** Takes the row away and lets go of the picture. */
  close(): void {
    this.row.remove();
    this.release();
  }

  release(): void {
    URL.revokeObjectURL(this.picture);
  }

  private cancel(): void {
    this.cancelled = true;
    this.request?.abort();
    this.close();
  }

  private offer(icon: "x" | "rotate-cw", label: string, act: () => void): void {
    const button = node("button", "round", this.icon(icon));
    button.type = "button";
    button.title = label;
    button.setAttribute("aria-label", label);
    button.addEventListener("click", act);
    this.tools.append(button);
  }
}

function outcomeOf(request: XMLHttpRequest): Outcome {
  if (request.status === 201) return { kind: "added", html: request.responseText };
  const sentence = sentenceIn(request.responseText);
  if (LATER.includes(request.status)) return { kind: "later", sentence: sentence || "Send it again later." };
  if (request.status >= 500 || request.status === 0) return { kind: "broken", sentence };
  return { kind: "refused", sentence: sentence || "This file was not taken. Choose another." };
}

/** What the server says of the file; a whole page, such as a proxy's own, says nothing of it. */
function sentenceIn(html: string): string {
  if (/<html/i.test(html)) return "";
  const said = new DOMParser().parseFromString(html, "text/html").body.textContent?.trim() ?? "";
  return said.length < 500 ? said : "";
}
