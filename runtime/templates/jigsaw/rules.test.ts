import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { centre, grid, home, margin, type Spot, trayOf } from "./board";
import { beside, type Jigsaw, type Move, members, placed, rules } from "./rules";

const RATIOS = { "4:3": 4 / 3, "1:1": 1, "3:4": 3 / 4 } as const;
const COUNTS = [6, 12, 24, 48, 96, 150, 300];

const start = (pieces = 12, turned = false, seed = 7, ratio: number = RATIOS["4:3"]): Jigsaw =>
  rules.start({ pieces, turned, shape: "4:3" }, seed, { count: 1, ratio });

function played(state: Jigsaw, ...moves: Move[]): Jigsaw {
  return moves.reduce<Jigsaw>((before, move) => {
    const after = rules.play(before, move);
    return "refused" in after ? before : after;
  }, state);
}

/** The state with a piece put down so far from where it belongs. */
function putDown(state: Jigsaw, piece: number, right: number, down: number): Jigsaw {
  const [x, y] = home(state, piece);
  return played(state, { piece, x: x + right, y: y + down });
}

function finished(state: Jigsaw): { state: Jigsaw; hints: number } {
  let hints = 0;
  for (let move = rules.hint(state); move; move = rules.hint(state)) {
    const after = rules.play(state, move);
    if ("refused" in after) throw new Error("a hint was refused");
    state = after;
    if (++hints > 4 * state.slots.length) throw new Error("hints never end");
  }
  return { state, hints };
}

const anyMove = (count: number): fc.Arbitrary<Move> =>
  fc.oneof(
    fc.record({
      piece: fc.nat(count - 1),
      x: fc.integer({ min: -900, max: 9000 }),
      y: fc.integer({ min: -900, max: 9000 }),
    }),
    // Drops close to home, so that groups grow.
    fc.record({
      piece: fc.nat(count - 1),
      x: fc.constantFrom(1000, 1750, 2500, 3250),
      y: fc.constantFrom(900, 1800, 2700),
    }),
    fc.record({ turn: fc.nat(count - 1) }),
    fc.record({ tray: fc.integer({ min: 1, max: 900 }) }),
  );
const anyGame = fc.record({
  pieces: fc.constantFrom(6, 12, 24, 48),
  turned: fc.boolean(),
  seed: fc.nat(),
  ratio: fc.constantFrom(...Object.values(RATIOS)),
  moves: fc.array(anyMove(6), { maxLength: 25 }),
});

describe("the cut into pieces", () => {
  it("gives landscapes and portraits exactly the pieces that were asked for", () => {
    for (const count of COUNTS)
      for (const ratio of [4 / 3, 3 / 4]) {
        const [cols, rows] = grid(count, ratio);
        expect(cols * rows).toBe(count);
      }
  });
  it("gives a square nearly as many, and says how many it really has", () => {
    for (const count of COUNTS) {
      const state = start(count, false, 1, 1);
      expect(Math.abs(state.slots.length - count) / count).toBeLessThan(0.05);
      expect(rules.result(state).difficulty).toBe(String(state.slots.length));
    }
  });
  it("keeps pieces nearly square", () => {
    for (const count of COUNTS.slice(1))
      for (const ratio of Object.values(RATIOS)) {
        const { width, height } = start(count, false, 1, ratio);
        expect(Math.max(width / height, height / width)).toBeLessThan(1.4);
      }
  });
});

describe("the tray", () => {
  it("holds every loose piece beside the picture, whatever its shape", () => {
    const outside: string[] = [];
    for (const count of [6, 24, 96, 300])
      for (const ratio of Object.values(RATIOS))
        for (const turned of [false, true])
          for (const tray of [0, 1, 60, 133, 300, 99999]) {
            const state = played(start(count, turned, 3, ratio), { tray });
            const [wide, high] = trayOf(state);
            state.spots.forEach((spot, piece) => {
              const [x, y] = centre(state, piece, spot);
              const onTray = x >= -margin && y >= -margin && x <= wide - margin && y <= high - margin;
              const beside = x > state.cols * state.width || y > state.rows * state.height;
              if (!onTray || !beside) outside.push(`piece ${piece} of ${count} on a tray of ${tray}`);
            });
          }
    expect(outside).toEqual([]);
  });
  it("is tidied for nothing: no move is counted and groups stay together", () => {
    const state = putDown(putDown(start(), 0, 900, 900), 1, 910, 905);
    const tidy = played(state, { tray: 60 });
    expect(tidy.moves).toBe(state.moves);
    expect(members(tidy, 0)).toEqual([0, 1]);
    expect(tidy.spots[0]).toEqual(tidy.spots[1]);
  });
  it("keeps a piece that is dropped far outside", () => {
    const state = played(start(), { piece: 4, x: 999999, y: -999999 });
    const [wide] = trayOf(state);
    const [x, y] = centre(state, 4, state.spots[4] as Spot);
    expect(x).toBeCloseTo(wide - margin, -1);
    expect(y).toBe(-margin);
  });
});

describe("a piece that is dropped", () => {
  it("snaps when it is close to its place, and stays there for good", () => {
    const state = putDown(start(), 5, 120, -90);
    expect(placed(state.spots[5] as Spot)).toBe(true);
    expect(rules.play(state, { piece: 5, x: 1, y: 1 })).toEqual({ refused: "stuck" });
  });
  it("stays where it is dropped when nothing is close", () => {
    const state = putDown(start(), 5, 600, 600);
    expect(state.spots[5]).toEqual([600, 600, 0]);
    expect(members(state, 5)).toEqual([5]);
  });
  it("snaps to a neighbour that is close, and is joined with it", () => {
    const state = putDown(putDown(start(), 5, 900, 700), 6, 950, 650);
    expect(state.spots[6]).toEqual([900, 700, 0]);
    expect(members(state, 6)).toEqual([5, 6]);
  });
  it("is not joined with a piece that is no neighbour, however close", () => {
    const state = putDown(putDown(start(), 0, 900, 700), 6, 900, 700);
    expect(members(state, 6)).toEqual([6]);
  });
  it("does not join a neighbour that lies turned otherwise", () => {
    const upright = start(12, true);
    const state = { ...upright, spots: upright.spots.map(([x, y], piece): Spot => [x, y, piece % 2]) };
    const after = putDown(state, 0, 2000, 1500);
    const next = played(after, { piece: 1, x: 2000 + 1500 + 750, y: 1500 + 750 });
    expect(members(next, 1)).toEqual([1]);
  });
  it("joins all neighbours that it then fits", () => {
    let state = putDown(putDown(start(), 0, 900, 700), 5, 930, 720);
    state = putDown(state, 1, 915, 710);
    expect(members(state, 0)).toEqual([0, 1, 5]);
    expect(new Set(members(state, 0).map((piece) => String(state.spots[piece]))).size).toBe(1);
  });
});

describe("joined pieces", () => {
  it("move together, and snap home together", () => {
    const joined = putDown(putDown(start(), 5, 900, 700), 6, 950, 650);
    const moved = putDown(joined, 6, 1500, 1100);
    expect(moved.spots[5]).toEqual([1500, 1100, 0]);
    const right = putDown(moved, 5, 40, 40);
    expect([5, 6].every((piece) => placed(right.spots[piece] as Spot))).toBe(true);
  });
  it("turn together about the piece that was turned", () => {
    const turned = start(12, true);
    const flat = { ...turned, spots: turned.spots.map(([x, y]): Spot => [x, y, 0]) };
    const joined = putDown(putDown(flat, 5, 2000, 700), 6, 2010, 700);
    const before = centre(joined, 5, joined.spots[5] as Spot);
    const after = played(joined, { turn: 5 });
    expect(centre(after, 5, after.spots[5] as Spot)).toEqual(before);
    expect(after.spots[6]).toEqual(after.spots[5]);
    expect(after.spots[5]?.[2]).toBe(1);
    // The neighbour on the right lies below after a quarter turn clockwise.
    const [x, y] = centre(after, 6, after.spots[6] as Spot);
    expect([x, y]).toEqual([before[0], before[1] + after.width]);
  });
  it("are home when the whole picture is joined, wherever that was", () => {
    let state = start(6);
    for (const piece of [0, 1, 2, 3, 4, 5]) state = putDown(state, piece, 500, 400);
    expect(rules.result(state).finished).toBe(true);
  });
  it("can only be turned in a game of turned pieces", () => {
    expect(rules.play(start(), { turn: 3 })).toEqual({ refused: "stuck" });
  });
});

describe("every game", () => {
  it("is finished by its hints, whatever was played before", () => {
    fc.assert(
      fc.property(anyGame, ({ pieces, turned, seed, ratio, moves }) => {
        const { state } = finished(played(start(pieces, turned, seed, ratio), ...moves));
        expect(rules.result(state)).toMatchObject({ finished: true, done: 1 });
        expect(state.spots.every(placed)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });
  it("is the same when its moves are played again, and no move changes a state that was", () => {
    fc.assert(
      fc.property(anyGame, ({ pieces, turned, seed, ratio, moves }) => {
        let state = start(pieces, turned, seed, ratio);
        for (const move of moves) {
          const before = JSON.stringify(state);
          const after = rules.play(state, move);
          expect(JSON.stringify(state)).toBe(before);
          if (!("refused" in after)) state = after;
        }
        const replayed = played(start(pieces, turned, seed, ratio), ...JSON.parse(JSON.stringify(moves)));
        expect(replayed).toEqual(state);
        expect(JSON.parse(JSON.stringify(state))).toEqual(state);
      }),
      { numRuns: 60 },
    );
  });
  it("keeps the pieces of a group at one spot, next to each other, on the tray and in whole numbers", () => {
    fc.assert(
      fc.property(anyGame, ({ pieces, turned, seed, ratio, moves }) => {
        const state = played(start(pieces, turned, seed, ratio), ...moves);
        state.groups.forEach((group, piece) => {
          expect(state.spots[piece]).toEqual(state.spots[group]);
          expect(state.spots[piece]?.every(Number.isInteger)).toBe(true);
          const own = members(state, piece);
          expect(group).toBe(own[0]);
          if (own.length > 1) expect(beside(state, piece).some((other) => own.includes(other))).toBe(true);
        });
      }),
      { numRuns: 60 },
    );
  });
  it("survives whatever a log may hold", () => {
    const nonsense = [
      { piece: -1, x: 0, y: 0 },
      { piece: 1.5, x: 0, y: 0 },
      { piece: 999, x: 0, y: 0 },
      { piece: 1, x: Number.NaN, y: Number.POSITIVE_INFINITY },
      { turn: Number.NaN },
      { tray: Number.NaN },
      { tray: -5 },
      { tray: 2 ** 31 },
    ] satisfies Move[];
    const { state } = finished(played(start(12, true), ...nonsense));
    expect(rules.result(state).finished).toBe(true);
  });
  it("takes no more hints than pieces when none is turned, and is perfect then", () => {
    const { state, hints } = finished(start(24));
    expect(hints).toBeLessThanOrEqual(24);
    expect(rules.result(state)).toMatchObject({ score: 1000, moves: hints, mistakes: 0 });
    expect(rules.hint(state)).toBeNull();
  });
});
