/** Reads template.json and skin.json, and refuses what `docs/formats/runtime.md` does not allow, naming file and field. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** @typedef {{name: string, label: string, min: number, max: number, ratio: string, min_side: number}} Slot */
/** @typedef {{name: string, label: string, help: string, type: "choice" | "switch" | "number", values?: (string | number)[],
 *   labels?: Record<string, string>, min_piece?: number, default: string | number | boolean, min?: number, max?: number, step?: number}} Option */
/** @typedef {{name: string, title: string, summary: string, frame: string, slots: Slot[], options: Option[],
 *   score: {measure: string, better: string}}} TemplateManifest */
/** @typedef {{name: string, title: string, summary: string, swatch: {light: string[], dark: string[]}}} SkinManifest */

export const RATIO = /^[1-9]\d?:[1-9]\d?$/;
const FOLDER_NAME = /^[a-z][a-z-]{0,30}$/;
const FIELD_NAME = /^[a-z][a-z0-9_]{0,30}$/;
const COLOUR = /^#[0-9A-F]{6}$/i;

/** A manifest that breaks a rule: one sentence for the person who writes it. */
export class ManifestError extends Error {}

/** A judge of one file: `must(field, holds, rule)` throws the sentence when the rule does not hold.
 * @param {string} file */
function judge(file) {
  return (/** @type {string} */ field, /** @type {unknown} */ holds, /** @type {string} */ rule) => {
    if (!holds) throw new ManifestError(`${file}: ${field} ${rule}.`);
  };
}

/** @param {unknown} value @returns {value is string} */
const isText = (value) => typeof value === "string" && value.trim() !== "";
/** @param {unknown} value @returns {value is number} */
const isCount = (value) => Number.isInteger(value) && Number(value) >= 0;
/** @param {unknown} value @returns {value is Record<string, any>} */
const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

/** @param {ReturnType<typeof judge>} must @param {string} at @param {Record<string, any>} value @param {string[]} known */
function onlyKnown(must, at, value, known) {
  for (const field of Object.keys(value))
    must(at + field, known.includes(field), "is not a field that the format knows");
}

/** @param {string} kind */
const sameKind = (kind) => (/** @type {unknown} */ value) => typeof value === kind;
/** game.xml writes values without their type, so that text must not be mistaken. @param {unknown} value */
const looksLikeAnother = (value) => typeof value === "string" && /^(-?\d+|true|false)$/.test(value);

/** @param {ReturnType<typeof judge>} must @param {any} option @param {string} at */
function judgeOption(must, option, at) {
  must(at, isObject(option), "must be an object");
  must(`${at}.name`, FIELD_NAME.test(option.name ?? ""), "must be a word of a-z, 0-9 and _");
  must(`${at}.label`, isText(option.label), "must say what the option is");
  must(`${at}.help`, typeof option.help === "string", "must be text, empty if there is nothing to add");
  const common = ["name", "label", "help", "type", "default"];
  if (option.type === "choice") {
    onlyKnown(must, `${at}.`, option, [...common, "values", "labels", "min_piece"]);
    const { values, labels } = option;
    must(`${at}.values`, Array.isArray(values) && values.length >= 2, "must list two values or more");
    const kind = typeof values[0];
    must(`${at}.values`, kind === "string" || kind === "number", "must be text or numbers");
    must(`${at}.values`, values.every(sameKind(kind)), "must be of one type");
    must(
      `${at}.values`,
      !values.some(looksLikeAnother),
      "must not hold text that reads as a number or as true or false",
    );
    must(`${at}.values`, new Set(values).size === values.length, "must not name a value twice");
    must(`${at}.labels`, isObject(labels), "must be an object, empty if the values speak for themselves");
    const texts = values.map(String);
    for (const value of Object.keys(labels)) {
      must(`${at}.labels.${value}`, texts.includes(value), "must belong to one of the values");
      must(`${at}.labels.${value}`, isText(labels[value]), "must be text");
    }
    must(`${at}.default`, values.includes(option.default), "must be one of the values");
    if (option.min_piece !== undefined) {
      must(`${at}.min_piece`, isCount(option.min_piece) && option.min_piece > 0, "must be a number of pixels");
      must(`${at}.min_piece`, kind === "number", "goes with values that count pieces");
    }
  } else if (option.type === "switch") {
    onlyKnown(must, `${at}.`, option, common);
    must(`${at}.default`, typeof option.default === "boolean", "must be true or false");
  } else {
    must(`${at}.type`, option.type === "number", "must be choice, switch or number");
    onlyKnown(must, `${at}.`, option, [...common, "min", "max", "step"]);
    for (const field of ["min", "max", "step", "default"])
      must(`${at}.${field}`, Number.isInteger(option[field]), "must be a whole number");
    must(`${at}.max`, option.max > option.min, "must be more than min");
    must(`${at}.step`, option.step > 0, "must be 1 or more");
    must(`${at}.default`, option.default >= option.min && option.default <= option.max, "must lie between min and max");
  }
}

/** @param {ReturnType<typeof judge>} must @param {any} slot @param {string} at @param {any[]} options */
function judgeSlot(must, slot, at, options) {
  must(at, isObject(slot), "must be an object");
  onlyKnown(must, `${at}.`, slot, ["name", "label", "min", "max", "ratio", "min_side"]);
  must(`${at}.name`, FIELD_NAME.test(slot.name ?? ""), "must be a word of a-z, 0-9 and _");
  must(`${at}.label`, isText(slot.label), "must say what goes here");
  must(`${at}.min`, isCount(slot.min), "must be a whole number");
  must(`${at}.max`, isCount(slot.max) && slot.max >= Math.max(1, slot.min), "must be a whole number, min or more");
  must(`${at}.min_side`, isCount(slot.min_side) && slot.min_side > 0, "must be a number of pixels");
  const named = typeof slot.ratio === "string" && slot.ratio.startsWith("option:") ? slot.ratio.slice(7) : null;
  if (named === null) {
    must(`${at}.ratio`, RATIO.test(slot.ratio ?? ""), 'must be w:h or "option:" and the name of an option');
  } else {
    const option = options.find((candidate) => candidate.name === named);
    must(`${at}.ratio`, option?.type === "choice", `must name a choice option, and "${named}" is none`);
    const ratios = option.values.every((/** @type {unknown} */ value) => RATIO.test(String(value)));
    must(`${at}.ratio`, ratios, `must name an option whose values are ratios w:h, unlike "${named}"`);
  }
}

/** @param {string} file for the sentence @param {string} folder @param {any} manifest @returns {TemplateManifest} */
export function readTemplateManifest(file, folder, manifest) {
  const must = judge(file);
  must("the file", isObject(manifest), "must hold one object");
  onlyKnown(must, "", manifest, ["name", "title", "summary", "frame", "slots", "options", "score"]);
  must("name", FOLDER_NAME.test(manifest.name ?? ""), "must be a word of a-z and -");
  must("name", manifest.name === folder, `must be that of its folder, "${folder}"`);
  must("title", isText(manifest.title), "must be text");
  must("summary", isText(manifest.summary), "must be one sentence");
  must("frame", manifest.frame === "picture" || RATIO.test(manifest.frame ?? ""), 'must be "picture" or w:h');
  must("options", Array.isArray(manifest.options), "must be a list");
  must("slots", Array.isArray(manifest.slots) && manifest.slots.length > 0, "must be a list of one slot or more");
  for (const [n, option] of manifest.options.entries()) judgeOption(must, option, `options[${n}]`);
  for (const [n, slot] of manifest.slots.entries()) judgeSlot(must, slot, `slots[${n}]`, manifest.options);
  for (const field of ["options", "slots"]) {
    const names = manifest[field].map((/** @type {any} */ item) => item.name);
    must(field, new Set(names).size === names.length, "must not use a name twice");
  }
  must("score", isObject(manifest.score), "must be an object");
  must("score.measure", ["time", "moves", "points"].includes(manifest.score.measure), "must be time, moves or points");
  must("score.better", ["lower", "higher"].includes(manifest.score.better), "must be lower or higher");
  return manifest;
}

/** @param {string} file for the sentence @param {string} folder @param {any} manifest @returns {SkinManifest} */
export function readSkinManifest(file, folder, manifest) {
  const must = judge(file);
  must("the file", isObject(manifest), "must hold one object");
  onlyKnown(must, "", manifest, ["name", "title", "summary", "swatch"]);
  must("name", FOLDER_NAME.test(manifest.name ?? ""), "must be a word of a-z and -");
  must("name", manifest.name === folder, `must be that of its folder, "${folder}"`);
  must("title", isText(manifest.title), "must be text");
  must("summary", isText(manifest.summary), "must be one sentence");
  must("swatch", isObject(manifest.swatch), "must be an object");
  for (const scheme of ["light", "dark"]) {
    const colours = manifest.swatch[scheme];
    const good = Array.isArray(colours) && colours.length === 2 && colours.every((colour) => COLOUR.test(colour));
    must(`swatch.${scheme}`, good, "must be two colours #RRGGBB: ground and accent");
  }
  return manifest;
}

/** Every folder in `parent` that holds `file`, read and judged, in the order of their names.
 * @template M
 * @param {string} parent @param {string} file @param {(file: string, folder: string, manifest: any) => M} read
 * @param {string} [only] the one folder that is wanted
 * @returns {Promise<{folder: string, path: string, manifest: M}[]>} */
export async function walk(parent, file, read, only) {
  const found = [];
  const entries = await readdir(parent, { withFileTypes: true });
  const folders = entries
    .filter((entry) => entry.isDirectory() && (!only || entry.name === only))
    .map((entry) => entry.name)
    .sort();
  for (const folder of folders) {
    const path = join(parent, folder);
    /** @type {string} */
    let text;
    try {
      text = await readFile(join(path, file), "utf8");
    } catch {
      throw new ManifestError(`${folder}/${file}: the file is missing; every folder here describes itself.`);
    }
    let value;
    try {
      value = JSON.parse(text);
    } catch (error) {
      throw new ManifestError(`${folder}/${file}: the file is not JSON (${/** @type {Error} */ (error).message}).`);
    }
    found.push({ folder, path, manifest: read(`${folder}/${file}`, folder, value) });
  }
  return found;
}
