import { node } from "./dom";
import type { LoadedPicture, Picture, Source } from "./types";

/** Share of the wanted pixels below which a picture begins to look soft. */
const ENOUGH = 0.85;
/** Pixels of a screen beyond two per CSS pixel are not worth their bytes. */
const SHARPEST = 2;

/** One source of each kind, the best kind first: the smallest that is wide enough, else the widest there is.
 * `width` is that of the picture on the screen in CSS pixels. */
export function choose(sources: readonly Source[], width: number, pixelRatio: number): Source[] {
  const wanted = ENOUGH * width * Math.min(pixelRatio, SHARPEST);
  const kinds = [...new Set(sources.map(({ type }) => type))];
  return kinds.map((kind) => {
    const widestFirst = sources.filter(({ type }) => type === kind).sort((a, b) => b.width - a.width);
    return (widestFirst.filter((source) => source.width >= wanted).pop() ?? widestFirst[0]) as Source;
  });
}

/** How wide one of `count` pictures of this ratio (width / height) will be in a box; never less than it turns out to be. */
export function displayedWidth(
  box: { readonly clientWidth: number; readonly clientHeight: number },
  ratio: number,
  count: number,
): number {
  return Math.min(box.clientWidth, box.clientHeight * ratio) / Math.ceil(Math.sqrt(count));
}

/** Lets the browser take the first kind that it knows, without a request for one that it does not. */
async function decoded(sources: readonly Source[]): Promise<HTMLImageElement> {
  const image = node("img");
  const frame = node("picture");
  const last = sources[sources.length - 1] as Source;
  for (const { type, url } of sources.slice(0, -1)) {
    const source = node("source");
    source.type = type;
    source.srcset = url;
    frame.append(source);
  }
  frame.append(image);
  image.crossOrigin = "anonymous";
  image.src = last.url;
  await image.decode();
  // An image that leaves its frame chooses again: it must find what it has already.
  if (image.currentSrc && image.currentSrc !== last.url) {
    image.src = image.currentSrc;
    image.remove();
    await image.decode();
  }
  return image;
}

/** The picture, decoded. A failure is tried once more with the kind that every browser knows. */
export async function loadPicture(picture: Picture, width: number): Promise<LoadedPicture> {
  const sources = choose(picture.sources, width, devicePixelRatio);
  const image = await decoded(sources).catch(() => decoded(sources.slice(-1)));
  return { ...picture, image };
}
