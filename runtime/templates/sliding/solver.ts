/**
 * The next slide of a way that leads to the whole picture from any state that can be reached, found from the state alone.
 *
 * It does what people do: fill the upper rows from the left, the last two tiles of a row at once; then fill the two lowest rows
 * column by column; then turn the last three tiles. Tiles already filled in stay, and within a goal the way is the shortest one, so
 * each slide brings the goal one nearer, no goal is ever undone, and asking again and again comes to an end. The largest
 * search is the last two tiles of the first row: 22 free cells for two tiles and the gap, 9,240 states for 5 x 5.
 */

/** Cells to fill together, in the order in which they are filled. */
function goals(size: number): number[][] {
  const groups: number[][] = [];
  const corner = size - 2;
  for (let row = 0; row < corner; row++) {
    const first = row * size;
    for (let column = 0; column < corner; column++) groups.push([first + column]);
    groups.push([first + corner, first + corner + 1]);
  }
  const above = corner * size;
  for (let column = 0; column < corner; column++) groups.push([above + column, above + column + size]);
  groups.push([above + corner, above + corner + 1, above + corner + size]);
  return groups;
}

/** The cell beside the gap whose tile is to slide; 0 when nothing is left to do. */
export function nextCell(tiles: readonly number[], size: number): number {
  const filled = new Set<number>();
  for (const group of goals(size)) {
    if (group.every((cell) => tiles[cell] === cell)) {
      for (const cell of group) filled.add(cell);
      continue;
    }
    // Each state of the search: where the gap is, where the tiles of this goal are, and the slide that it began with.
    const start = [tiles.length - 1, ...group].map((tile) => tiles.indexOf(tile));
    const queue = [{ places: start, first: -1 }];
    const seen = new Uint8Array(tiles.length ** start.length);
    for (const { places, first } of queue) {
      if (group.every((cell, index) => places[index + 1] === cell)) return first;
      const gap = places[0] as number;
      for (const next of [gap - size, gap + size, gap % size ? gap - 1 : -1, (gap + 1) % size ? gap + 1 : -1]) {
        if (next < 0 || next >= tiles.length || filled.has(next)) continue;
        const moved = places.map((place, index) => (index === 0 ? next : place === next ? gap : place));
        const key = moved.reduce((number, place) => number * tiles.length + place, 0);
        if (seen[key]) continue;
        seen[key] = 1;
        queue.push({ places: moved, first: first < 0 ? next : first });
      }
    }
  }
  return 0;
}
