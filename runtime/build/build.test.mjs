import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { overBudget } from "./budgets.mjs";
import { built, write } from "./build.mjs";
import { examplePage } from "./example.mjs";
import { ManifestError, readSkinManifest, readTemplateManifest } from "./manifests.mjs";
import { optionTypes } from "./types.mjs";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const swap = () => JSON.parse(readFileSync(join(ROOT, "templates/swap/template.json"), "utf8"));
const paper = () => JSON.parse(readFileSync(join(ROOT, "skins/paper/skin.json"), "utf8"));

const one = await built(ROOT);

test("the same sources give the same bytes, each under the hash of itself", async () => {
  const other = await built(ROOT);
  expect(one.manifest).toEqual(other.manifest);
  for (const { key, bytes } of one.objects) {
    const hash = createHash("sha256").update(bytes).digest("hex");
    expect(key.split("/")[1]).toBe(hash.slice(0, 12));
    expect(one.manifest.objects).toContainEqual({ key, sha256: hash, size: bytes.length });
  }
});

test("every file that the manifest names lies in dist under its key", async () => {
  const dist = mkdtempSync(join(tmpdir(), "pictogame-dist-"));
  await write(one, dist);
  const manifest = JSON.parse(readFileSync(join(dist, "manifest.json"), "utf8"));
  const keys = [
    manifest.loader,
    manifest.finale,
    ...Object.values(manifest.templates).flatMap(({ script, strings }) => [script, ...Object.values(strings)]),
    ...Object.values(manifest.skins).map(({ style }) => style),
  ];
  expect(keys.sort()).toEqual(manifest.objects.map((/** @type {{key: string}} */ { key }) => key).sort());
  for (const { key, size } of manifest.objects) expect(readFileSync(join(dist, key)).length).toBe(size);
  expect(Object.keys(manifest.templates.swap.strings)).toEqual(["de", "fr", "es", "ar"]);
});

test("rules that were published replay without a document, with what they share with the loader", async () => {
  const dist = mkdtempSync(join(tmpdir(), "pictogame-replay-"));
  await write(one, dist);
  for (const { manifest, script } of Object.values(one.manifest.templates)) {
    const { rules } = (await import(/* @vite-ignore */ pathToFileURL(join(dist, script)).href)).default;
    const { options, slots } = /** @type {import("./manifests.mjs").TemplateManifest} */ (manifest);
    const chosen = Object.fromEntries(options.map((option) => [option.name, option.default]));
    let state = rules.start(chosen, 7, { count: slots[0]?.min, ratio: 4 / 3 });
    for (let move = rules.hint(state); move; move = rules.hint(state)) state = rules.play(state, move);
    expect(rules.result(state)).toMatchObject({ finished: true });
  }
});

test("the loader names the finale beside it, and every template that very loader", () => {
  const text = (/** @type {string} */ key) =>
    Buffer.from(one.objects.find((o) => o.key === key)?.bytes ?? "").toString();
  expect(text(one.manifest.loader)).toContain(`"${one.manifest.finale.replace("r/", "../")}"`);
  for (const { script } of Object.values(one.manifest.templates))
    expect(text(script).match(/from"([^"]*)"/g)).toEqual([`from"${one.manifest.loader.replace("r/", "../")}"`]);
});

test("the page of a game in another language holds what it says, and an English one needs nothing", () => {
  const colours = Array.from({ length: 16 }, () => "5d4a3b").join(" ");
  const source = { type: "image/avif", url: "../m/0.avif", width: 640, height: 480 };
  const game = {
    id: "b5tq7nzk3xw2mc",
    lang: "de",
    seed: 1,
    title: "Katze",
    message: "",
    template: "swap",
    skin: "paper",
    options: {},
    pictures: [{ slot: "picture", alt: "", colours, sources: [source] }],
  };
  const page = examplePage(game, one, "https://b.example", "https://studio.example");
  const held = page.match(/<script type="application\/json" id="strings">\n([^<]*)<\/script>/)?.[1] ?? "";
  expect(JSON.parse(held)).toMatchObject({ play: "Spielen", again: "Noch einmal" });
  expect(examplePage({ ...game, lang: "en" }, one, "https://b.example", "")).not.toContain('id="strings"');
});

test("nothing that is published asks for inline style, eval, data or blob addresses, or another site", () => {
  for (const { name, bytes } of one.objects) {
    const text = Buffer.from(bytes).toString();
    const found = text.match(
      /\beval\(|new Function|["'(]data:|["'(]blob:|innerHTML|setAttribute\("style|https?:\/\/(?!www\.w3\.org\/2000\/svg)[a-z.]*/g,
    );
    expect({ name, found }).toEqual({ name, found: null });
  }
});

/** @type {[string, (manifest: any) => void][]} */
const broken = [
  ['swap/template.json: name must be that of its folder, "swap".', (m) => Object.assign(m, { name: "swop" })],
  ["swap/template.json: title must be text.", (m) => Object.assign(m, { title: " " })],
  ["swap/template.json: colour is not a field that the format knows.", (m) => Object.assign(m, { colour: "red" })],
  ['swap/template.json: frame must be "picture" or w:h.', (m) => Object.assign(m, { frame: "4x3" })],
  ["swap/template.json: slots must be a list of one slot or more.", (m) => Object.assign(m, { slots: [] })],
  [
    "swap/template.json: slots[0].max must be a whole number, min or more.",
    (m) => Object.assign(m.slots[0], { min: 3, max: 2 }),
  ],
  [
    'swap/template.json: slots[0].ratio must name a choice option, and "form" is none.',
    (m) => Object.assign(m.slots[0], { ratio: "option:form" }),
  ],
  [
    'swap/template.json: slots[0].ratio must name an option whose values are ratios w:h, unlike "size".',
    (m) => Object.assign(m.slots[0], { ratio: "option:size" }),
  ],
  [
    "swap/template.json: options[0].default must be one of the values.",
    (m) => Object.assign(m.options[0], { default: 9 }),
  ],
  ["swap/template.json: options[0].values must be of one type.", (m) => m.options[0].values.push("7")],
  [
    "swap/template.json: options[2].values must not hold text that reads as a number or as true or false.",
    (m) => m.options[2].values.push("12"),
  ],
  [
    "swap/template.json: options[0].labels.9 must belong to one of the values.",
    (m) => Object.assign(m.options[0].labels, { 9: "nine" }),
  ],
  ["swap/template.json: options[1].default must be true or false.", (m) => Object.assign(m.options[1], { default: 1 })],
  [
    "swap/template.json: options[1].type must be choice, switch or number.",
    (m) => Object.assign(m.options[1], { type: "slider" }),
  ],
  ["swap/template.json: options must not use a name twice.", (m) => m.options.push(m.options[0])],
  [
    "swap/template.json: score.measure must be time, moves or points.",
    (m) => Object.assign(m.score, { measure: "luck" }),
  ],
];

for (const [sentence, harm] of broken)
  test(`refused: ${sentence}`, () => {
    const manifest = swap();
    harm(manifest);
    expect(() => readTemplateManifest("swap/template.json", "swap", manifest)).toThrow(new ManifestError(sentence));
  });

test("a skin must show its two colours", () => {
  const skin = paper();
  skin.swatch.dark = ["#17122B"];
  const sentence = "paper/skin.json: swatch.dark must be two colours #RRGGBB: ground and accent.";
  expect(() => readSkinManifest("paper/skin.json", "paper", skin)).toThrow(new ManifestError(sentence));
});

test("the type of the options says which values there are", () => {
  const types = optionTypes(swap());
  expect(types).toContain("export type SwapOptions = {");
  expect(types).toContain("readonly size: 2 | 3 | 4 | 5 | 6;");
  expect(types).toContain("readonly turned: boolean;");
});

test("a file over its budget, and a first play over all, are each said in a sentence", () => {
  const bytes = (/** @type {number} */ length) =>
    Buffer.from(Array.from({ length }, (_, n) => createHash("sha256").update(`${n}`).digest()[0] ?? 0));
  const objects = [
    { name: "loader.js", bytes: bytes(500) },
    { name: "swap.js", bytes: bytes(900) },
    { name: "skin-paper.css", bytes: bytes(300) },
  ];
  const budgets = { "first play": 1600, "loader.js": 600, template: 1000, skin: 200, strings: 100 };
  const { sentences } = overBudget(objects, budgets);
  expect(sentences).toHaveLength(2);
  expect(sentences[0]).toMatch(/^skin-paper\.css weighs \d+ bytes after gzip; its budget is 200\. Make it smaller\.$/);
  expect(sentences[1]).toMatch(
    /^A first play of swap\.js in skin-paper\.css takes \d+ bytes of code; the budget is 1600\.$/,
  );
});
