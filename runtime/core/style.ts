/**
 * Gives the document a template's rules and returns how to take them back. The page's policy forbids inline style, so the sheet is
 * adopted; browsers that cannot adopt yet get the rules into the skin's own sheet, which the page loads with CORS for that reason.
 */
export function adopt(css: string, element: HTMLElement): () => void {
  if ("adoptedStyleSheets" in document) {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
    return () => {
      document.adoptedStyleSheets = document.adoptedStyleSheets.filter((other) => other !== sheet);
    };
  }
  const skin = element.dataset.skin;
  const sheet = [...(document as Document).styleSheets].find(({ href }) => href?.endsWith(`skin-${skin}.css`));
  const at = sheet?.insertRule(`@media all{${css}}`, sheet.cssRules.length);
  const rule = sheet?.cssRules[at ?? -1];
  return () => {
    const now = [...(sheet?.cssRules ?? [])].indexOf(rule as CSSRule);
    if (now >= 0) sheet?.deleteRule(now);
  };
}
