/** Weighs what a first play transfers, against the budgets of package.json. */
import { gzipSync } from "node:zlib";

/** @param {Uint8Array} bytes what they weigh on the wire */
export const weight = (bytes) => gzipSync(bytes, { level: 9 }).length;

/** A table of weights, and one sentence for each budget that is broken.
 * @param {{name: string, bytes: Uint8Array}[]} objects
 * @param {Record<string, number>} budgets bytes after gzip -9: "first play", "loader.js", "finale.js", "template", "skin", "strings" */
export function overBudget(objects, budgets) {
  const weighed = objects.map(({ name, bytes }) => ({ name, kind: kindOf(name), weight: weight(bytes) }));
  const sentences = [];
  const rows = [];
  for (const { name, kind, weight } of weighed) {
    const budget = budgets[kind] ?? 0;
    if (kind !== "strings") rows.push(`${name.padEnd(24)}${String(weight).padStart(7)} of ${budget}`);
    if (weight > budget)
      sentences.push(`${name} weighs ${weight} bytes after gzip; its budget is ${budget}. Make it smaller.`);
  }
  const loader = weighed.find(({ kind }) => kind === "loader.js")?.weight ?? 0;
  const limit = budgets["first play"] ?? 0;
  for (const template of weighed.filter(({ kind }) => kind === "template"))
    for (const skin of weighed.filter(({ kind }) => kind === "skin")) {
      const sum = loader + template.weight + skin.weight;
      rows.push(`${`${template.name} + ${skin.name}`.padEnd(40)}${String(sum).padStart(7)} of ${limit}`);
      if (sum > limit)
        sentences.push(
          `A first play of ${template.name} in ${skin.name} takes ${sum} bytes of code; the budget is ${limit}.`,
        );
    }
  return { table: rows.join("\n"), sentences };
}

/** @param {string} name */
function kindOf(name) {
  if (name === "loader.js" || name === "finale.js") return name;
  if (name.endsWith(".js")) return "template";
  return name.endsWith(".css") ? "skin" : "strings";
}
