/**
 * The same AVIF set made by sharp, for `bench/media.py`: one JSON job a line in, its milliseconds out.
 * A job: {"path": "...", "sizes": [[width, height, quality], ...], "effort": 2}; ratio 4:3 around the middle.
 *
 * `node sharp.mjs documented`: as its documentation teaches: one input, a clone for each output, `fit: "cover"`, and the
 * number of threads that it chooses by itself. `node sharp.mjs threads`: the same with a thread for each processor.
 * `node sharp.mjs cascade`: decoded once, the small size made of the large one, with a thread for each processor.
 */
import { availableParallelism } from "node:os";
import { createInterface } from "node:readline";
import sharp from "sharp";

const way = process.argv[2];
sharp.cache(false);
if (way !== "documented") sharp.concurrency(availableParallelism());

const avif = (image, quality, effort) => image.avif({ quality, effort, chromaSubsampling: "4:4:4" }).toBuffer();

function cloned(path, sizes, effort) {
  const input = sharp(path).autoOrient().toColourspace("srgb");
  return Promise.all(
    sizes.map(([width, height, quality]) =>
      avif(input.clone().resize(width, height, { fit: "cover" }), quality, effort),
    ),
  );
}

async function cascaded(path, [[width, height, quality], ...rest], effort) {
  const base = await sharp(path)
    .autoOrient()
    .toColourspace("srgb")
    .resize(width, height, { fit: "cover" })
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  const from = () => sharp(base.data, { raw: base.info });
  return Promise.all([
    avif(from(), quality, effort),
    ...rest.map(([w, h, q]) => avif(from().resize(w, h, { fit: "fill" }), q, effort)),
  ]);
}

for await (const line of createInterface({ input: process.stdin })) {
  const { path, sizes, effort } = JSON.parse(line);
  const began = performance.now();
  const used = process.cpuUsage();
  const made = await (way === "cascade" ? cascaded : cloned)(path, sizes, effort);
  const ms = performance.now() - began;
  const { user, system } = process.cpuUsage(used);
  console.log(JSON.stringify({ ms, cpu: (user + system) / 1000, bytes: made.map((data) => data.length) }));
}
