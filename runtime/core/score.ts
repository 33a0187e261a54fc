import type { Milliseconds, Standing } from "./types";

/** Pace at which half of the swiftness is kept: four seconds a move. */
const PACE: Milliseconds = 4000;
/** What a hint costs. */
const HINT = 50;

/**
 * Points from 0 to 1000: three quarters of the standing's score are for how well it was played, one quarter for how swiftly
 * (whole at no time, half at four seconds a move), each hint takes 50, and an unfinished game earns the share that is done.
 * Only sums, products and one division: every engine rounds alike, so a server finds the same number.
 */
export function points(standing: Standing, time: Milliseconds, hints: number): number {
  const allowed = PACE * Math.max(1, standing.moves);
  const swiftness = allowed / (allowed + time);
  const earned = standing.score * (0.75 + 0.25 * swiftness) * (standing.finished ? 1 : standing.done) - HINT * hints;
  return Math.max(0, Math.round(earned));
}
