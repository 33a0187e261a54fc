/**
 * Serves one template to play with, rebuilt at every reload unless it is told `--once`:
 * `npm run play -- jigsaw --pictures FOLDER [--skin paper] [--lang en] [--port 9100] [--set pieces=24] [--once]`.
 * The page is made like a published one, and the server behaves like the bucket: CORS for everybody, no other header.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { built } from "./build.mjs";
import { examplePage, exampleXml } from "./example.mjs";
import { writeTypes } from "./types.mjs";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const KINDS = {
  html: "text/html; charset=utf-8",
  js: "text/javascript",
  css: "text/css",
  json: "application/json",
  xml: "application/xml",
  avif: "image/avif",
  jpeg: "image/jpeg",
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    pictures: { type: "string" },
    skin: { type: "string", default: "paper" },
    lang: { type: "string", default: "en" },
    once: { type: "boolean", default: false },
    port: { type: "string", default: "9100" },
    set: { type: "string", multiple: true, default: [] },
    title: { type: "string", default: "A picture, in pieces" },
    message: { type: "string", default: "" },
    python: { type: "string", default: join(ROOT, "../.venv/bin/python") },
  },
});
const name = positionals[0] ?? "swap";
if (!values.pictures) {
  process.stderr.write("Say where pictures lie: npm run play -- swap --pictures FOLDER\n");
  process.exit(2);
}

/** @type {import("./manifests.mjs").TemplateManifest} */
const template = JSON.parse(readFileSync(join(ROOT, "templates", name, "template.json"), "utf8"));

/** @type {Record<string, string | number | boolean>} */
const options = Object.fromEntries(template.options.map((option) => [option.name, option.default]));
for (const pair of values.set) {
  const [option = "", value = ""] = pair.split("=");
  options[option] = value;
}

const folder = values.pictures;
const files = readdirSync(folder)
  .filter((file) => /\.(jpe?g|png|webp)$/i.test(file))
  .sort()
  .map((file) => join(folder, file));
const pictureFolder = mkdtempSync(join(tmpdir(), "pictogame-play-"));
/** @type {import("./example.mjs").ExamplePicture[]} */
const pictures = [];
for (const slot of template.slots) {
  const ratio = slot.ratio.startsWith("option:") ? String(options[slot.ratio.slice(7)]) : slot.ratio;
  const chosen = files.splice(0, Math.min(slot.max, Math.max(slot.min, 6)));
  const script = join(ROOT, "build/sample_pictures.py");
  const made = JSON.parse(execFileSync(values.python, [script, pictureFolder, ratio, ...chosen], { encoding: "utf8" }));
  pictures.push(...made.map((/** @type {object} */ picture) => ({ slot: slot.name, ...picture })));
}

const id = "playing2345672";
const port = Number(values.port);
let current = built(ROOT, name);
const server = createServer(async (request, response) => {
  const url = new URL(request.url ?? "/", `http://127.0.0.1:${port}`);
  const send = (/** @type {number} */ status, /** @type {string | Uint8Array} */ body, /** @type {string} */ kind) => {
    response.writeHead(status, {
      "Content-Type": kind,
      "Access-Control-Allow-Origin": "*",
      "Cache-Control": "no-store",
    });
    response.end(body);
  };
  try {
    const ending = /** @type {keyof typeof KINDS} */ (url.pathname.split(".").pop() ?? "");
    const kind = KINDS[ending] ?? "text/plain; charset=utf-8";
    if (url.pathname.startsWith("/m/"))
      return send(200, readFileSync(join(pictureFolder, url.pathname.slice(3).replaceAll("/", ""))), kind);
    // A page or a description asked for is a reload: what it names is built anew, and kept for the requests that follow.
    if (!values.once && !url.pathname.startsWith("/r/")) current = built(ROOT, name);
    const build = await current;
    const { manifest, objects } = build;
    const object = objects.find(({ key }) => `/${key}` === url.pathname);
    if (object) return send(200, object.bytes, kind);
    const game = {
      id,
      lang: url.searchParams.get("lang") ?? values.lang,
      seed: Number(url.searchParams.get("seed") ?? 271828),
      title: values.title,
      message: values.message,
      template: name,
      skin: url.searchParams.get("skin") ?? values.skin,
      options,
      pictures,
    };
    if (url.pathname === `/g/${id}.xml`) return send(200, exampleXml(game, manifest), kind);
    if (url.pathname === `/g/${id}.html` || url.pathname === "/")
      return url.pathname === "/"
        ? response.writeHead(302, { Location: `/g/${id}.html` }).end()
        : send(200, examplePage(game, build, url.origin, "https://pictogame.example/make"), kind);
    if (url.pathname === "/sandbox")
      return send(
        200,
        `<!doctype html><iframe sandbox="allow-scripts" src="${url.origin}/g/${id}.html" width="640" height="540"></iframe>`,
        KINDS.html,
      );
    send(404, "There is nothing here.", "text/plain; charset=utf-8");
  } catch (error) {
    send(500, String(/** @type {Error} */ (error).message), "text/plain; charset=utf-8");
  }
});
await writeTypes(ROOT, name);
server.listen(port, "127.0.0.1", () => {
  process.stdout.write(
    `Play ${name} at http://127.0.0.1:${port}/ (also ?lang=ar, ?skin=wood, ?theme=dark, ?mini; /sandbox)\n`,
  );
});
