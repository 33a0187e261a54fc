/** Puts the strings of core and of a template together, per language, and insists that every language says the same things. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ManifestError } from "./manifests.mjs";

export const LANGUAGES = ["en", "de", "fr", "es", "ar"];
const PLURAL = /\.(zero|one|two|few|many|other)$/;

/** @param {string} file @returns {Promise<Record<string, string>>} */
async function read(file) {
  return JSON.parse(await readFile(file, "utf8"));
}

/** Keys without their plural form. @param {Record<string, string>} strings */
const keys = (strings) => new Set(Object.keys(strings).map((key) => key.replace(PLURAL, "")));

/** The places that a text fills, such as `{count}`. @param {string} text */
const places = (text) => new Set(text.match(/\{\w+\}/g) ?? []);

/** @param {string} folder @param {string} language @param {Record<string, string>} english */
async function translated(folder, language, english) {
  const file = join(folder, "strings", `${language}.json`);
  const strings = await read(file);
  const [ours, theirs] = [keys(english), keys(strings)];
  for (const key of ours) if (!theirs.has(key)) throw new ManifestError(`${file}: ${key} is missing; English has it.`);
  for (const [key, text] of Object.entries(strings)) {
    const stem = key.replace(PLURAL, "");
    if (!ours.has(stem)) throw new ManifestError(`${file}: ${key} is not a key that English has.`);
    const known = new Set(
      Object.keys(english)
        .filter((one) => one.replace(PLURAL, "") === stem)
        .flatMap((one) => [...places(english[one] ?? "")]),
    );
    for (const place of places(text))
      if (!known.has(place)) throw new ManifestError(`${file}: ${key} fills ${place}, which English does not.`);
  }
  return strings;
}

/** Bytes of one template's strings in each language but English: core's, the finale's and its own.
 * @param {string} root @param {string} path of the template's folder @returns {Promise<Record<string, Buffer>>} */
export async function bundleStrings(root, path) {
  const folders = [join(root, "core"), join(root, "core/finale"), path];
  const english = await Promise.all(folders.map((folder) => read(join(folder, "strings/en.json"))));
  /** @type {Record<string, Buffer>} */
  const files = {};
  for (const language of LANGUAGES.slice(1)) {
    const all = await Promise.all(folders.map((folder, n) => translated(folder, language, english[n] ?? {})));
    const sorted = Object.fromEntries(Object.entries(Object.assign({}, ...all)).sort(([a], [b]) => (a < b ? -1 : 1)));
    files[language] = Buffer.from(`${JSON.stringify(sorted)}\n`);
  }
  return files;
}
