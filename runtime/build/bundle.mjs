/** Turns sources into the bytes that are published: deterministic, minified, without a source map. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { build, transform } from "esbuild";
import { minify } from "terser";

/** Browsers of the last five years. `safari14` and its like would cost bytes for people who are hardly there. */
const TARGET = ["es2021", "chrome96", "firefox95", "safari15"];

/** Style sheets imported by scripts become minified text, to be adopted by the document. @type {import("esbuild").Plugin} */
const styleAsText = {
  name: "style-as-text",
  setup(context) {
    context.onLoad({ filter: /\.css$/ }, async ({ path }) => ({ contents: await minifiedStyle(path), loader: "text" }));
  },
};

/** @param {string} path of a style sheet */
async function minifiedStyle(path) {
  const { code } = await transform(await readFile(path, "utf8"), { loader: "css", minify: true, target: TARGET });
  return code.trim();
}

/** @param {import("esbuild").BuildOptions} entry @returns {Promise<Uint8Array>} */
async function script(entry) {
  const { outputFiles } = await build({
    bundle: true,
    format: "esm",
    minify: true,
    target: TARGET,
    charset: "utf8",
    legalComments: "none",
    write: false,
    logLevel: "error",
    plugins: [styleAsText],
    ...entry,
  });
  const [file] = outputFiles ?? [];
  // esbuild bundles, terser says the same in four percent fewer bytes.
  const { code } = await minify(file?.text ?? "", {
    module: true,
    ecma: 2020,
    compress: { passes: 3, unsafe_arrows: true, pure_getters: true },
  });
  return Buffer.from(code ?? "");
}

/** What comes while the game is played, with its style. @param {string} root */
export const bundleFinale = (root) =>
  script({
    stdin: {
      contents: `export { celebrate, playByItself, sounds } from "./finale"; export { default as css } from "./finale.css";`,
      resolveDir: join(root, "core/finale"),
      loader: "ts",
    },
  });

/** Loader and core in one script. @param {string} root @param {string} finale its key */
export const bundleLoader = (root, finale) =>
  script({
    entryPoints: [join(root, "loader/loader.ts")],
    define: { FINALE: JSON.stringify(beside(finale)) },
  });

/** From one object of the runtime to another. @param {string} key of the other */
const beside = (key) => key.replace(/^r/, "..");

/** What templates share with the loader is taken from there, by one import: a page has loaded it already.
 * @param {string} loader its key @returns {import("esbuild").Plugin} */
const sharedWithLoader = (loader) => ({
  name: "shared-with-loader",
  setup(context) {
    context.onResolve({ filter: /\/core\/(dom|random)$/ }, () => ({ path: "loader", namespace: "shared" }));
    context.onResolve({ filter: /./, namespace: "shared" }, ({ path }) => ({ path, external: true }));
    context.onLoad({ filter: /./, namespace: "shared" }, () => ({
      contents: `export { button, icon, node, random, shuffle } from ${JSON.stringify(beside(loader))}`,
    }));
  },
});

/** The script of a template: its default export is put together here, so that each folder holds its parts and nothing else.
 * @param {string} path of the template's folder @param {string} loader key of the loader that will play it */
export const bundleTemplate = (path, loader) =>
  script({
    stdin: {
      contents: `import { rules } from "./rules";
import { view } from "./view";
import css from "./base.css";
import strings from "./strings/en.json";
export default { rules, view, css, strings };`,
      resolveDir: path,
      loader: "ts",
    },
    plugins: [styleAsText, sharedWithLoader(loader)],
  });

/** core.css and the skin's own rules in one. @param {string} root @param {string} path of the skin's folder */
export async function bundleSkin(root, path) {
  const both = `${await readFile(join(root, "core/core.css"), "utf8")}\n${await readFile(join(path, "skin.css"), "utf8")}`;
  const { code } = await transform(both, { loader: "css", minify: true, target: TARGET, charset: "utf8" });
  // What a custom property holds esbuild leaves as it was written.
  return Buffer.from(code.replace(/(--[\w-]+): /g, "$1:").replaceAll(", ", ","));
}
