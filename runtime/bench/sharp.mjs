/**
 * The same AVIF set made by sharp, for `bench/media.py`: one JSON job a line in, its milliseconds out.
 * A job: {"path": "...", "crop": [left, top, width, height], "sizes": [[width, height, quality], ...], "effort": 2}
 */
import { createInterface } from "node:readline";
import sharp from "sharp";

sharp.cache(false);
sharp.concurrency(2);

for await (const line of createInterface({ input: process.stdin })) {
  const { path, crop, sizes, effort } = JSON.parse(line);
  const [left, top, width, height] = crop;
  const [first, ...rest] = sizes;
  const began = performance.now();
  const used = process.cpuUsage();
  const upright = sharp(path).rotate().toColourspace("srgb");
  const avif = { effort, chromaSubsampling: "4:4:4" };
  // Decoded once and cascaded, as ours: the fair way to use it.
  const base = await upright
    .extract({ left, top, width, height })
    .resize(first[0], first[1], { fit: "fill" })
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  const from = () => sharp(base.data, { raw: base.info });
  const made = await Promise.all([
    from()
      .avif({ ...avif, quality: first[2] })
      .toBuffer(),
    ...rest.map(([w, h, quality]) =>
      from()
        .resize(w, h, { fit: "fill" })
        .avif({ ...avif, quality })
        .toBuffer(),
    ),
  ]);
  const ms = performance.now() - began;
  const { user, system } = process.cpuUsage(used);
  console.log(JSON.stringify({ ms, cpu: (user + system) / 1000, bytes: made.map((data) => data.length) }));
}
