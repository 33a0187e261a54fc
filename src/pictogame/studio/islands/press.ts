/** A press of "Publish" counts although what stands there is put in its place anew between button down and button up.
 *
 * To press it ends the typing of a title, whose answer brings the page's next thing again, often within the press. No
 * click would follow then. Taps need no help: the browser looks where they are once they are over.
 */
import { on } from "./page";

export function press(): void {
  let pressed: HTMLElement | null = null;
  on("pointerdown", "#next button", (button, { pointerType, button: which }) => {
    pressed = pointerType === "mouse" && which === 0 ? button : null;
  });
  document.addEventListener("pointerup", ({ clientX, clientY }) => {
    const [before, now] = [pressed, document.elementFromPoint(clientX, clientY)?.closest<HTMLElement>("#next button")];
    pressed = null;
    if (before && now && !before.isConnected && before.textContent === now.textContent) now.click();
  });
}
