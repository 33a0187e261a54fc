import type { Disposer } from "./disposer";

/**
 * Gives the page a template's rules. The policy forbids inline style, and adopted sheets are unknown to Safari before 16.4, so the
 * rules go as one block to the end of the skin's sheet, which every browser allows for a sheet that was loaded with CORS.
 */
export function wearRules({ sheet }: HTMLLinkElement, css: string, undo: Disposer): void {
  if (!sheet) return;
  const rule = sheet.cssRules[sheet.insertRule(`@media all{${css}}`, sheet.cssRules.length)];
  undo.defer(() => {
    const at = [...sheet.cssRules].indexOf(rule as CSSRule);
    if (at >= 0) sheet.deleteRule(at);
  });
}
