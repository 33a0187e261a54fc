import fc from "fast-check";
import { expect, test } from "vitest";
import { random, shuffle } from "./random";

test("the same seed gives the same row, and every number lies in [0, 1)", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 31 - 1 }), (seed) => {
      const one = random(seed);
      const other = random(seed);
      for (let n = 0; n < 20; n++) {
        const value = one();
        expect(value).toBe(other());
        expect(value >= 0 && value < 1).toBe(true);
      }
    }),
  );
});

test("the first numbers of seed 1 are those that every engine must give", () => {
  const chance = random(1);
  expect([chance(), chance(), chance()].map((value) => Math.round(value * 4294967296))).toEqual([
    2693262067, 11749833, 2265367787,
  ]);
});

test("a shuffle keeps every item and leaves the list given as it was", () => {
  fc.assert(
    fc.property(fc.array(fc.integer()), fc.integer(), (list, seed) => {
      const before = [...list];
      const after = shuffle(Object.freeze(list), random(seed));
      expect([...after].sort()).toEqual([...before].sort());
      expect(list).toEqual(before);
    }),
  );
});

test("every order of three is about equally likely", () => {
  const chance = random(7);
  const counts = new Map<string, number>();
  for (let n = 0; n < 6000; n++) {
    const order = shuffle(["a", "b", "c"], chance).join("");
    counts.set(order, (counts.get(order) ?? 0) + 1);
  }
  expect(counts.size).toBe(6);
  for (const count of counts.values()) expect(Math.abs(count - 1000)).toBeLessThan(150);
});
