import type { Milliseconds } from "./types";

/** A stop-watch over any source of milliseconds. */
export interface Clock {
  start(): void;
  stop(): void;
  readonly time: Milliseconds;
}

export function clock(now: () => Milliseconds): Clock {
  let counted = 0;
  let since: Milliseconds | null = null;
  const running = () => (since === null ? 0 : now() - since);
  return {
    start() {
      since ??= now();
    },
    stop() {
      counted += running();
      since = null;
    },
    get time() {
      return Math.round(counted + running());
    },
  };
}
