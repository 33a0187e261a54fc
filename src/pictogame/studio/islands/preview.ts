/** The frames that play: the maker's preview, loaded anew behind the one that is shown, and the finished game on the share page. */
import { find } from "./page";

/** Until the new frame takes the place of the old one, at the latest. */
const PATIENCE = 4000;

/** Parts that come again with every answer stay as they are while they say the same: nothing flickers or is read out twice. */
const CALM = ".thumb, .notes, .field-problem";

interface OutOfBand {
  readonly target: Element;
  readonly fragment: ParentNode;
  shouldSwap: boolean;
}

function leaveEqualParts(event: Event): void {
  const detail = (event as CustomEvent<OutOfBand>).detail;
  const coming = detail.fragment.firstElementChild;
  if (coming && detail.target.matches(CALM) && coming.innerHTML === detail.target.innerHTML) detail.shouldSwap = false;
}

export function preview(): void {
  document.addEventListener("htmx:oobBeforeSwap", leaveEqualParts);
  let shown = find("#preview")?.dataset.preview ?? "";
  const follow = () => {
    const wanted = find("#preview")?.dataset.preview;
    const stage = find("[data-stage]");
    if (!wanted || !stage || wanted === shown) return;
    shown = wanted;
    load(stage, wanted);
  };
  document.addEventListener("htmx:afterSettle", follow);
  document.addEventListener("htmx:afterSettle", playPublished);
  document.addEventListener("htmx:oobAfterSwap", follow);
}

/** Loads an address into a frame behind, then lets it come to the front: nothing flashes. */
function load(stage: HTMLElement, url: string): void {
  for (const waiting of stage.querySelectorAll("iframe[data-behind]")) waiting.remove();
  const before = [...stage.querySelectorAll("iframe")];
  const pattern = before[0];
  if (!pattern) return;
  const next = pattern.cloneNode() as HTMLIFrameElement;
  next.dataset.behind = "yes";
  next.src = url;
  let done = false;
  const front = () => {
    if (done || !next.isConnected) return;
    done = true;
    delete next.dataset.behind;
    for (const old of before) old.remove();
  };
  next.addEventListener("load", () => setTimeout(front, 150), { once: true });
  setTimeout(front, PATIENCE);
  stage.append(next);
}

/** Once the game is in the bucket, the share page plays it from there: in a new frame, since an old one would take a step of Back. */
function playPublished(): void {
  const frame = find<HTMLIFrameElement>("iframe[data-playing]");
  const url = frame?.dataset.playing;
  if (!frame || !url || find("#state")?.dataset.state !== "in_bucket" || frame.src === url) return;
  const next = frame.cloneNode() as HTMLIFrameElement;
  next.src = url;
  frame.replaceWith(next);
}
