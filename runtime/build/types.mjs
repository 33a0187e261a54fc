/** Writes `options/<template>.ts`: the TypeScript type of each template's options, derived from its template.json. */
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readTemplateManifest, walk } from "./manifests.mjs";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** @param {import("./manifests.mjs").Option} option */
function typeOf(option) {
  if (option.type === "switch") return "boolean";
  if (option.type === "number") return "number";
  return (option.values ?? []).map((value) => JSON.stringify(value)).join(" | ");
}

/** @param {import("./manifests.mjs").TemplateManifest} manifest the text of its types */
export function optionTypes(manifest) {
  const name = manifest.name.replace(/(^|-)([a-z])/g, (_, _dash, letter) => letter.toUpperCase());
  const fields = manifest.options.flatMap((option) => [
    `  /** ${[`${option.label}.`, option.help].join(" ").trim()} */`,
    `  readonly ${option.name}: ${typeOf(option)};`,
  ]);
  return [`/** Options of ${manifest.name}. */`, `export type ${name}Options = {`, ...fields, "};", ""].join("\n");
}

/** @param {string} root @param {string} [only] the one template whose types are wanted */
export async function writeTypes(root, only) {
  const templates = await walk(join(root, "templates"), "template.json", readTemplateManifest, only);
  const folder = join(root, "options");
  if (!only) await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  for (const { manifest } of templates) await writeFile(join(folder, `${manifest.name}.ts`), optionTypes(manifest));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await writeTypes(ROOT);
