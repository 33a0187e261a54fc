/** What every template promises: a new one is tested by lying in its folder. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import english from "../core/strings/en.json";
import { reader, type Strings } from "../core/text";
import type { Options, OptionValue, Refusal, Rules } from "../core/types";

interface Manifest {
  readonly slots: readonly { readonly min: number; readonly max: number; readonly ratio: string }[];
  readonly options: readonly {
    readonly name: string;
    readonly type: "choice" | "switch" | "number";
    readonly values?: readonly OptionValue[];
    readonly min?: number;
    readonly max?: number;
    readonly step?: number;
  }[];
}
type State = object;
type Move = unknown;

const rulesOf = import.meta.glob<Rules<State, Move>>("./*/rules.ts", { import: "rules", eager: true });
const manifestOf = import.meta.glob<Manifest>("./*/template.json", { import: "default", eager: true });
const stringsOf = import.meta.glob<Strings>("./*/strings/en.json", { import: "default", eager: true });

const isRefusal = (answer: object): answer is Refusal => "refused" in answer;

function frozen<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) frozen(inner);
  }
  return value;
}

function anyOptions({ options }: Manifest): fc.Arbitrary<Options> {
  return fc.record(
    Object.fromEntries(
      options.map(({ name, type, values = [], min = 0, max = 0, step = 1 }) => [
        name,
        type === "switch"
          ? fc.boolean()
          : type === "choice"
            ? fc.constantFrom(...values)
            : fc.integer({ min: 0, max: Math.floor((max - min) / step) }).map((steps) => min + steps * step),
      ]),
    ),
  ) as fc.Arbitrary<Options>;
}

/** How many pictures fill the slots, and the ratio of the first: the creator's choice, give or take a pixel. */
function anyPictures({ slots }: Manifest, options: Options): fc.Arbitrary<{ count: number; ratio: number }> {
  const [first] = slots as [Manifest["slots"][number]];
  const named = first.ratio.startsWith("option:") ? String(options[first.ratio.slice(7)]) : first.ratio;
  const [wide, high] = named.split(":").map(Number) as [number, number];
  const counts = fc.tuple(...slots.map(({ min, max }) => fc.integer({ min, max: Math.max(min, Math.min(max, 24)) })));
  return fc.record({
    count: counts.map((all) => all.reduce((sum, one) => sum + one, 0)),
    ratio: fc.integer({ min: 998, max: 1002 }).map((thousandths) => ((wide / high) * thousandths) / 1000),
  });
}

function anyStart(manifest: Manifest) {
  return anyOptions(manifest).chain((options) =>
    fc.record({
      options: fc.constant(options),
      pictures: anyPictures(manifest, options),
      seed: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
    }),
  );
}

for (const [file, rules] of Object.entries(rulesOf)) {
  const folder = file.replace("/rules.ts", "");
  const manifest = manifestOf[`${folder}/template.json`] as Manifest;
  const strings = stringsOf[`${folder}/strings/en.json`] as Strings;
  const text = reader({ ...english, ...strings }, "en");
  const keys = new Set(Object.keys({ ...english, ...strings }).map((key) => key.replace(/\.(one|other)$/, "")));

  describe(folder.slice(2), () => {
    test("hints alone finish every game, each step is told in a sentence, and the log gives the same game again", () => {
      fc.assert(
        fc.property(anyStart(manifest), ({ options, pictures, seed }) => {
          let state = frozen(rules.start(frozen(options), seed, pictures));
          const first = JSON.stringify(state);
          expect(rules.result(state)).toMatchObject({ finished: false, moves: 0, mistakes: 0 });
          const log: string[] = [];
          for (let move = rules.hint(state); move !== null; move = rules.hint(state)) {
            expect(log.length).toBeLessThan(20_000);
            if (log.length % 10 === 0) expect(rules.describe(state, text)).toMatch(/^[^{}]*\S[^{}]*[.!?]$/);
            const after = rules.play(state, frozen(move));
            if (isRefusal(after)) throw new Error(`a hint was refused: ${after.refused}`);
            log.push(JSON.stringify(move));
            state = frozen(after);
          }
          const { done, moves, score, finished } = rules.result(state);
          expect({ done, finished }).toEqual({ done: 1, finished: true });
          expect(moves).toBeGreaterThan(0);
          expect(score).toBeGreaterThanOrEqual(0);
          expect(score).toBeLessThanOrEqual(1000);
          expect(rules.describe(state, text)).toMatch(/^[^{}]*\S[^{}]*[.!?]$/);

          let again = rules.start(options, seed, pictures);
          expect(JSON.stringify(again)).toBe(first);
          for (const move of log) again = rules.play(again, JSON.parse(move)) as State;
          expect(again).toEqual(state);
          expect(JSON.parse(JSON.stringify(state))).toEqual(state);
        }),
        { numRuns: 40 },
      );
    });

    test("two seeds give two shuffles", () => {
      const options = fc.sample(anyOptions(manifest), { numRuns: 1, seed: 1 })[0] as Options;
      const pictures = fc.sample(anyPictures(manifest, options), { numRuns: 1, seed: 1 })[0] as {
        count: number;
        ratio: number;
      };
      const starts = [1, 2, 3, 4, 5, 6].map((seed) => JSON.stringify(rules.start(options, seed, pictures)));
      expect(new Set(starts).size).toBeGreaterThan(1);
    });

    test("whatever is refused is refused with a sentence that the strings have", () => {
      fc.assert(
        fc.property(anyStart(manifest), fc.integer({ min: -3, max: 400 }), ({ options, pictures, seed }, number) => {
          const state = frozen(rules.start(options, seed, pictures));
          const move = rules.hint(state) as Record<string, unknown>;
          // The proposed move with every number in it made another one: often nonsense, never a crash.
          const other = JSON.parse(JSON.stringify(move).replace(/-?\d+(\.\d+)?/g, String(number)));
          const answer = rules.play(state, other);
          if (isRefusal(answer)) expect(keys).toContain(answer.refused);
          else expect(rules.result(answer).moves).toBeGreaterThanOrEqual(0);
        }),
        { numRuns: 60 },
      );
    });

    test("no string of the template takes the place of one of core's", () => {
      expect(Object.keys(strings).filter((key) => key in english)).toEqual([]);
    });
  });
}
