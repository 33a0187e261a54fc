/** Builds what the studio's pages load: its scripts from TypeScript, and htmx, the typeface and the icons copied from their
 * packages, so that a page asks no other host for anything. */
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const STUDIO = join(ROOT, "../src/pictogame/studio");
const OUT = join(STUDIO, "static/studio/islands");
const PACKAGES = join(ROOT, "node_modules");

/** Bytes after gzip: the script that every page of the studio loads. */
const BUDGET = 8192;

/** The same of the charts, with their library: only pages of numbers load them. */
const CHARTS_BUDGET = 26624;

/** Icons that scripts put in. */
const IN_SCRIPTS = ["rotate-cw", "x"];

/** Names of the icons that the templates ask for (`{% icon "copy" %}`), and those of the scripts.
 * @param {string} folder @returns {Promise<Set<string>>} */
async function iconsIn(folder) {
  const names = new Set(IN_SCRIPTS);
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !/\.(html|py)$/.test(entry.name)) continue;
    const text = await readFile(join(entry.parentPath, entry.name), "utf8");
    for (const [, name] of text.matchAll(/\{% icon "([a-z0-9-]+)"/g)) if (name) names.add(name);
  }
  return names;
}

/** One file of symbols, so that a page names its icons and a cache keeps them. @param {Iterable<string>} names */
async function sprite(names) {
  const { version } = JSON.parse(await readFile(join(PACKAGES, "lucide-static/package.json"), "utf8"));
  const symbols = [];
  for (const name of [...names].sort()) {
    const svg = await readFile(join(PACKAGES, "lucide-static/icons", `${name}.svg`), "utf8");
    const inner = svg.replace(/^[\s\S]*?<svg[^>]*>/, "").replace(/<\/svg>\s*$/, "");
    symbols.push(`<symbol id="${name}" viewBox="0 0 24 24">${inner.replace(/\s*\n\s*/g, "")}</symbol>`);
  }
  return `<!-- Lucide ${version}, ISC licence, lucide.dev/license -->\n<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("\n")}</svg>\n`;
}

await rm(OUT, { recursive: true, force: true });
await mkdir(OUT, { recursive: true });
for (const [name, budget] of /** @type {const} */ ([
  ["studio", BUDGET],
  ["charts", CHARTS_BUDGET],
])) {
  const { outputFiles } = await build({
    entryPoints: [join(STUDIO, `islands/${name}.ts`)],
    bundle: true,
    format: "esm",
    minify: true,
    target: ["es2021", "chrome96", "firefox95", "safari15"],
    charset: "utf8",
    legalComments: "none",
    logLevel: "error",
    nodePaths: [PACKAGES],
    write: false,
  });
  const script = outputFiles[0]?.contents ?? new Uint8Array();
  const size = gzipSync(script, { level: 9 }).length;
  await writeFile(join(OUT, `${name}.js`), script);
  process.stdout.write(`${name}.js ${size} of ${budget} bytes after gzip\n`);
  if (size > budget) {
    process.stderr.write(`${name}.js is ${size - budget} bytes over its budget.\n`);
    process.exitCode = 1;
  }
}
await writeFile(join(OUT, "uplot.css"), await readFile(join(PACKAGES, "uplot/dist/uPlot.min.css")));
await writeFile(join(OUT, "htmx.js"), await readFile(join(PACKAGES, "htmx.org/dist/htmx.min.js")));
await writeFile(
  join(OUT, "nunito.woff2"),
  await readFile(join(PACKAGES, "@fontsource-variable/nunito/files/nunito-latin-wght-normal.woff2")),
);
await writeFile(join(OUT, "icons.svg"), await sprite(await iconsIn(join(STUDIO, "templates"))));
