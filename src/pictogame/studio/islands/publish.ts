/** "Publish" takes along what was typed last: words for a picture that are still on their way arrive before it. */
import { find } from "./page";

/** No longer than this, in milliseconds: what hangs is published without. */
const PATIENCE = 3000;

type Sent = CustomEvent<{ readonly xhr: XMLHttpRequest; readonly requestConfig: { readonly verb: string } }>;

export function publish(): void {
  const onTheWay = new Set<XMLHttpRequest>();
  let goOn: (() => void) | null = null;
  document.addEventListener("htmx:beforeSend", (event) => {
    const { xhr, requestConfig } = (event as Sent).detail;
    if (requestConfig.verb === "post") onTheWay.add(xhr);
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    onTheWay.delete((event as Sent).detail.xhr);
    if (!onTheWay.size) goOn?.();
  });
  document.addEventListener("submit", (event) => {
    const { target: form, submitter } = event;
    if (!(form instanceof HTMLFormElement) || form.id !== "choices" || !onTheWay.size) return;
    event.preventDefault();
    const last = setTimeout(() => goOn?.(), PATIENCE);
    goOn = () => {
      goOn = null;
      clearTimeout(last);
      onTheWay.clear();
      // The last answer may have brought the button anew, or another one when there is nothing to publish any more.
      const button = submitter?.isConnected ? submitter : find("#next button[form=choices]");
      if (button) form.requestSubmit(button);
    };
  });
}
