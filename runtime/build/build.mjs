/** Builds dist/: every object under its key, and manifest.json, which says what is there. A build over budget fails. */
import { createHash } from "node:crypto";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { overBudget } from "./budgets.mjs";
import { bundleFinale, bundleLoader, bundleSkin, bundleTemplate } from "./bundle.mjs";
import { ManifestError, readSkinManifest, readTemplateManifest, walk } from "./manifests.mjs";
import { bundleStrings, LANGUAGES } from "./strings.mjs";
import { writeTypes } from "./types.mjs";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** @typedef {{key: string, name: string, bytes: Uint8Array}} BuiltObject */

/** @param {string} name @param {Uint8Array} bytes @returns {BuiltObject} */
function named(name, bytes) {
  return { key: `r/${createHash("sha256").update(bytes).digest("hex").slice(0, 12)}/${name}`, name, bytes };
}

/** Everything that the sources give, in memory: the same sources give the same bytes.
 * @param {string} root @param {string} [only] the one template to build */
export async function built(root, only) {
  const templates = await walk(join(root, "templates"), "template.json", readTemplateManifest, only);
  const skins = await walk(join(root, "skins"), "skin.json", readSkinManifest);
  // Each names the one before it: the loader the finale, the templates the loader.
  const finale = named("finale.js", await bundleFinale(root));
  const loader = named("loader.js", await bundleLoader(root, finale.key));
  /** @type {BuiltObject[]} */
  const objects = [finale, loader];
  /** @type {Record<string, {manifest: object, script: string, strings: Record<string, string>}>} */
  const templateEntries = {};
  for (const { folder, path, manifest } of templates) {
    const script = named(`${folder}.js`, await bundleTemplate(path, loader.key));
    objects.push(script);
    /** @type {Record<string, string>} */
    const strings = {};
    for (const [language, bytes] of Object.entries(await bundleStrings(root, path))) {
      const object = named(`${folder}.${language}.json`, bytes);
      objects.push(object);
      strings[language] = object.key;
    }
    templateEntries[folder] = { manifest, script: script.key, strings };
  }
  /** @type {Record<string, {manifest: object, style: string}>} */
  const skinEntries = {};
  for (const { folder, path, manifest } of skins) {
    const style = named(`skin-${folder}.css`, await bundleSkin(root, path));
    objects.push(style);
    skinEntries[folder] = { manifest, style: style.key };
  }
  const manifest = {
    version: 1,
    objects: objects.map(({ key, bytes }) => ({
      key,
      sha256: createHash("sha256").update(bytes).digest("hex"),
      size: bytes.length,
    })),
    loader: loader.key,
    finale: finale.key,
    languages: LANGUAGES,
    templates: templateEntries,
    skins: skinEntries,
  };
  return { manifest, objects };
}

/** Puts what was built into a folder, each object under its key; what lay there is gone.
 * @param {Awaited<ReturnType<typeof built>>} build @param {string} dist */
export async function write({ manifest, objects }, dist) {
  await rm(dist, { recursive: true, force: true });
  for (const { key, bytes } of objects) {
    await mkdir(dirname(join(dist, key)), { recursive: true });
    await writeFile(join(dist, key), bytes);
  }
  await writeFile(join(dist, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    await writeTypes(ROOT);
    const build = await built(ROOT);
    await write(build, join(ROOT, "dist"));
    const { budgets } = JSON.parse(await readFile(join(ROOT, "package.json"), "utf8"));
    const { table, sentences } = overBudget(build.objects, budgets);
    process.stdout.write(`${table}\n`);
    for (const sentence of sentences) process.stderr.write(`${sentence}\n`);
    if (sentences.length) process.exitCode = 1;
  } catch (error) {
    if (!(error instanceof ManifestError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}
