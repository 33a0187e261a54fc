/** A game.xml and its page, made the way that publishing makes them (`docs/formats/page.md`): for playing and for browser tests. */

/** @typedef {{type: string, url: string, width: number, height: number}} ExampleSource */
/** @typedef {{slot: string, alt: string, colours: string, sources: ExampleSource[]}} ExamplePicture */
/** @typedef {{id: string, lang: string, seed: number, title: string, message: string, template: string, skin: string,
 *   options: Record<string, string | number | boolean>, pictures: ExamplePicture[]}} ExampleGame */
/** @typedef {Awaited<ReturnType<typeof import("./build.mjs")["built"]>>["manifest"]} Manifest */

/** @param {unknown} text */
const escaped = (text) => String(text).replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);

/** @param {ExamplePicture} picture */
function pictureElement({ slot, alt, colours, sources }) {
  const [widest] = [...sources].sort((a, b) => b.width - a.width);
  const lines = sources.map(
    ({ url, type, width, height }) => `    <source src="${url}" type="${type}" width="${width}" height="${height}"/>`,
  );
  const opening = `  <picture slot="${slot}" alt="${escaped(alt)}" width="${widest?.width}" height="${widest?.height}" colours="${colours}">`;
  return [opening, ...lines, "  </picture>"].join("\n");
}

/** @param {ExampleGame} game @param {Manifest} manifest */
export function exampleXml(game, manifest) {
  const template = manifest.templates[game.template];
  const skin = manifest.skins[game.skin];
  if (!template || !skin) throw new Error(`There is no template ${game.template} or no skin ${game.skin}.`);
  const { score } = /** @type {import("./manifests.mjs").TemplateManifest} */ (template.manifest);
  const strings = template.strings[game.lang];
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<game xmlns="urn:pictogame:game:1" id="${game.id}" lang="${game.lang}" seed="${game.seed}">`,
    `  <title>${escaped(game.title)}</title>`,
    ...(game.message ? [`  <message>${escaped(game.message)}</message>`] : []),
    `  <template name="${game.template}" src="../${template.script}"/>`,
    `  <skin name="${game.skin}" src="../${skin.style}"/>`,
    `  <loader src="../${manifest.loader}"/>`,
    ...(strings ? [`  <strings src="../${strings}"/>`] : []),
    ...Object.keys(game.options)
      .sort()
      .map((name) => `  <option name="${name}" value="${escaped(game.options[name])}"/>`),
    ...game.pictures.map(pictureElement),
    `  <score measure="${score.measure}" better="${score.better}"/>`,
    "</game>",
    "",
  ].join("\n");
}

/** The page of the game. `bucket` is the absolute address of the bucket, without a slash at its end.
 * @param {ExampleGame} game @param {Awaited<ReturnType<typeof import("./build.mjs")["built"]>>} build
 * @param {string} bucket @param {string} make */
export function examplePage(game, { manifest, objects }, bucket, make) {
  const template = manifest.templates[game.template];
  const skin = manifest.skins[game.skin];
  const strings = objects.find(({ key }) => key === template?.strings[game.lang]);
  const held = strings ? Buffer.from(strings.bytes).toString().replaceAll("<", "\\u003c") : "";
  const policy = [
    "default-src 'none'",
    `script-src ${bucket}/r/`,
    `style-src ${bucket}/r/`,
    `img-src ${bucket}/m/`,
    `connect-src ${bucket}/g/ ${bucket}/r/`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  const [ground] = (game.pictures[0]?.colours ?? "ffffff").split(" ");
  return `<!doctype html>
<html class="pg-page" lang="${game.lang}" data-make="${escaped(make)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escaped(game.title)}</title>
<link rel="stylesheet" href="../${skin?.style}" crossorigin>
<link rel="modulepreload" href="../${template?.script}" crossorigin>
<script type="module" src="../${manifest.loader}" crossorigin></script>
</head>
<body bgcolor="#${ground}">
<main id="play"><noscript>${escaped(game.title)}: this game needs JavaScript.</noscript></main>
<script type="application/xml" id="game">
${exampleXml(game, manifest).replace(/^<\?xml.*?\?>\n/, "")}</script>
${held ? `<script type="application/json" id="strings">\n${held}</script>\n` : ""}</body>
</html>
`;
}
