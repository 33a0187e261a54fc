/** Everything that must be undone when a game is destroyed, in one place. */

export interface Disposer {
  on(target: EventTarget, type: string, listener: (event: never) => void, options?: AddEventListenerOptions): void;
  /** Undone last in, first out; at once when everything is undone already. */
  defer(undo: () => void): void;
  /** A timer that never outlives the game. */
  later(action: () => void, delay: number): void;
  /** A second call does nothing. */
  dispose(): void;
  readonly over: boolean;
}

export function disposer(): Disposer {
  const undos: (() => void)[] = [];
  let over = false;
  const self: Disposer = {
    on(target, type, listener, options) {
      target.addEventListener(type, listener as EventListener, options);
      self.defer(() => target.removeEventListener(type, listener as EventListener, options));
    },
    defer(undo) {
      if (over) undo();
      else undos.push(undo);
    },
    later(action, delay) {
      const timer = setTimeout(action, delay);
      self.defer(() => clearTimeout(timer));
    },
    get over() {
      return over;
    },
    dispose() {
      over = true;
      while (undos.length) undos.pop()?.();
    },
  };
  return self;
}
