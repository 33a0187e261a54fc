import type { Game, Result } from "../types";

/** What counts as best in this game: seconds, moves or points, as game.xml says. */
export function measured(game: Game, result: Result): number {
  const { measure } = game.score;
  if (measure === "time") return Math.max(1, Math.floor(result.time_ms / 1000));
  return measure === "moves" ? result.moves : result.score;
}

/**
 * Keeps the best of this player in this browser, and returns it with whether it is new. Where storage refuses (a sandboxed
 * frame, a strict browser) this round is the best that is known.
 */
export function keepBest(game: Game, difficulty: string, value: number): { best: number; isNew: boolean } {
  const key = `pictogame:${game.id}:${difficulty}`;
  try {
    // What was never kept is no number, and every comparison with that is false.
    const held = Number(localStorage[key] ?? Number.NaN);
    const isNew = !(game.score.better === "lower" ? held <= value : held >= value);
    if (isNew) localStorage[key] = value;
    return { best: isNew ? value : held, isNew };
  } catch {
    return { best: value, isNew: false };
  }
}
