/** Chance that a seed decides: the same in every browser and on the server, so that a move log replays a game exactly. */

/** Numbers in [0, 1), the same row for the same seed (mulberry32: 32 bits of state, integer arithmetic only). */
export function random(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** The list in another order, every order equally likely (Fisher and Yates); the list given is left as it was. */
export function shuffle<T>(list: readonly T[], chance: () => number): T[] {
  const shuffled = [...list];
  for (let last = shuffled.length - 1; last > 0; last--) {
    const other = Math.floor(chance() * (last + 1));
    [shuffled[last], shuffled[other]] = [shuffled[other] as T, shuffled[last] as T];
  }
  return shuffled;
}
