/** How many cards lie in a row so that they are as large as can be. */

/** A short last row is taken only where it makes the cards this much larger: full rows look better. */
const RAGGED = 0.9;

/** Columns, and the side of a square cell in whole pixels, for `count` cards on a table of this size. */
export function columnsFor(count: number, width: number, height: number): { columns: number; side: number } {
  let best = { columns: 1, side: 1 };
  let worth = 0;
  for (let columns = 1; columns <= count; columns++) {
    const side = Math.floor(Math.min(width / columns, height / Math.ceil(count / columns)));
    const now = side * (count % columns ? RAGGED : 1);
    if (now > worth) {
      worth = now;
      best = { columns, side };
    }
  }
  return best;
}
