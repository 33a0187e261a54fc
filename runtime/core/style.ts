import type { Disposer } from "./disposer";

/**
 * Gives the page a template's rules. The policy forbids inline style, and adopted sheets are unknown to Safari before 16.4, so the
 * rules go as one block to the end of the skin's sheet, which every browser allows for a sheet that was loaded with CORS.
 */
export function wearRules(sheet: CSSStyleSheet, css: string, undo: Disposer): void {
  const rules = sheet.cssRules;
  const rule = rules[sheet.insertRule(`@media all{${css}}`, rules.length)] as CSSRule;
  undo.defer(() => sheet.deleteRule([...rules].indexOf(rule)));
}
