// @vitest-environment happy-dom
import fc from "fast-check";
import { afterEach, expect, test } from "vitest";
import { clock } from "./clock";
import { disposer } from "./disposer";
import { keepBest, measured } from "./finale/best";
import { choose, displayedWidth } from "./pictures";
import { points } from "./score";
import { clockFace, reader } from "./text";
import type { Game, Result, Source, Standing } from "./types";

afterEach(() => localStorage.clear());

const source = (type: string, width: number): Source => ({
  url: `https://b.example/m/${width}.${type}`,
  type: `image/${type}`,
  width,
  height: width,
});
const sources = [source("avif", 1280), source("avif", 640), source("jpeg", 960)];
const chosen = (width: number, ratio: number) => choose(sources, width, ratio).map((one) => `${one.type} ${one.width}`);

test("a frame of 640 px at ratio 1 takes the 640 source", () => {
  expect(chosen(640, 1)).toEqual(["image/avif 640", "image/jpeg 960"]);
});

test("a phone of 360 px at ratio 3 counts as 2 and takes the 640 source", () => {
  expect(chosen(360, 3)).toEqual(["image/avif 640", "image/jpeg 960"]);
});

test("a frame of 800 px takes the 1280 source, and a huge one the widest there is", () => {
  expect(chosen(800, 1)[0]).toBe("image/avif 1280");
  expect(chosen(4000, 2)).toEqual(["image/avif 1280", "image/jpeg 960"]);
});

test("one of nine pictures is a third as wide as one alone", () => {
  const box = { clientWidth: 600, clientHeight: 300 };
  expect(displayedWidth(box, 4 / 3, 1)).toBe(400);
  expect(displayedWidth(box, 1, 9)).toBe(100);
});

const standing: Standing = { finished: true, moves: 10, mistakes: 0, done: 1, score: 1000, difficulty: "3x3" };

test("a perfect game in no time has 1000 points, and four seconds a move cost an eighth", () => {
  expect(points(standing, 0, 0)).toBe(1000);
  expect(points(standing, 40_000, 0)).toBe(875);
});

test("points fall with time and hints, and stay between 0 and 1000", () => {
  fc.assert(
    fc.property(
      fc.nat({ max: 1000 }),
      fc.nat({ max: 1e8 }),
      fc.nat({ max: 30 }),
      fc.nat({ max: 500 }),
      (score, time, hints, moves) => {
        const now = points({ ...standing, score, moves }, time, hints);
        expect(now).toBeGreaterThanOrEqual(0);
        expect(now).toBeLessThanOrEqual(1000);
        expect(points({ ...standing, score, moves }, time + 1000, hints)).toBeLessThanOrEqual(now);
        expect(points({ ...standing, score, moves }, time, hints + 1)).toBeLessThanOrEqual(now);
      },
    ),
  );
});

test("half a game earns half", () => {
  expect(points({ ...standing, finished: false, done: 0.5 }, 0, 0)).toBe(500);
});

test("the clock counts only between start and stop, and a second start changes nothing", () => {
  let now = 100;
  const watch = clock(() => now);
  watch.start();
  now += 500;
  watch.start();
  expect(watch.time).toBe(500);
  watch.stop();
  now += 10_000;
  expect(watch.time).toBe(500);
  watch.start();
  now += 250;
  expect(watch.time).toBe(750);
});

test("plurals and digits are those of the language", () => {
  const english = reader({ "moves.one": "{count} move", "moves.other": "{count} moves" }, "en");
  expect([0, 1, 2].map((count) => english("moves", { count }))).toEqual(["0 moves", "1 move", "2 moves"]);
  const arabic = reader(
    { "moves.two": "حركتان", "moves.few": "{count} حركات", "moves.other": "{count} حركة" },
    "ar-EG",
  );
  expect([2, 3].map((count) => arabic("moves", { count }))).toEqual(["حركتان", "٣ حركات"]);
  expect(clockFace(65_000, "ar-EG")).toBe("٠١:٠٥");
});

test("text from people is not searched for places, and an unknown key shows itself", () => {
  const text = reader({ board: "Game: {title}" }, "en");
  expect(text("board", { title: "{title} {count}" })).toBe("Game: {title} {count}");
  expect(text("nowhere")).toBe("nowhere");
});

const game = (better: "lower" | "higher") => ({ id: "b5tq7nzk3xw2mc", score: { measure: "time", better } }) as Game;

test("the best is kept in this browser, the lower or the higher as the game wants it", () => {
  expect(keepBest(game("lower"), "24", 40)).toEqual({ best: 40, isNew: true });
  expect(keepBest(game("lower"), "24", 50)).toEqual({ best: 40, isNew: false });
  expect(keepBest(game("lower"), "24", 30)).toEqual({ best: 30, isNew: true });
  expect(keepBest(game("lower"), "48", 90)).toEqual({ best: 90, isNew: true });
  expect(keepBest(game("higher"), "24", 70)).toEqual({ best: 70, isNew: true });
});

test("where storage refuses, this round is the best", () => {
  const own = Object.getOwnPropertyDescriptor(globalThis, "localStorage") as PropertyDescriptor;
  Object.defineProperty(globalThis, "localStorage", {
    configurable: true,
    get() {
      throw new DOMException("The operation is insecure.", "SecurityError");
    },
  });
  expect(keepBest(game("lower"), "24", 40)).toEqual({ best: 40, isNew: false });
  Object.defineProperty(globalThis, "localStorage", own);
});

test("what is measured is seconds, moves or points", () => {
  const result: Result = {
    score: 640,
    time_ms: 399_600,
    moves: 12,
    mistakes: 0,
    hints: 0,
    difficulty: "",
    seed: 1,
    finished: true,
  };
  const of = (measure: Game["score"]["measure"]) => measured({ score: { measure } } as Game, result);
  expect([of("time"), of("moves"), of("points")]).toEqual([399, 12, 640]);
});

test("a disposer undoes last in, first out, once, and at once when it is over", () => {
  const done: number[] = [];
  const undo = disposer();
  undo.defer(() => done.push(1));
  undo.defer(() => done.push(2));
  undo.dispose();
  undo.dispose();
  undo.defer(() => done.push(3));
  expect(done).toEqual([2, 1, 3]);
});
