/** Short wooden sounds, made and not loaded. */

import type { Disposer } from "../disposer";
import type { Stage } from "../types";

type Sound = Parameters<Stage<never, never>["sound"]>[0];

/** Pitches in hertz, struck one after the other. */
const STRIKES: Readonly<Record<Sound, readonly number[]>> = {
  pick: [620],
  drop: [310],
  join: [392, 588],
  wrong: [170, 150],
  win: [392, 494, 588, 784],
};

/** What strikes them. The audio context is made at the first one, which a person's own touch allows, and closed by `undo`. */
export function sounds(undo: Disposer): (name: Sound) => void {
  let context: AudioContext | undefined;
  undo.defer(() => context?.close());
  return (name) => {
    context ??= new AudioContext();
    const audio = context;
    STRIKES[name].forEach((pitch, n) => {
      const at = audio.currentTime + n * 0.11;
      const tone = new OscillatorNode(audio, { type: "triangle" });
      const level = new GainNode(audio, { gain: 0.3 });
      // A knock on wood: the pitch falls at once, and the sound is gone after an eighth of a second.
      tone.frequency.setValueAtTime(pitch * 1.5, at);
      tone.frequency.exponentialRampToValueAtTime(pitch, at + 0.03);
      level.gain.setTargetAtTime(0, at, 0.04);
      tone.connect(level).connect(audio.destination);
      tone.start(at);
      tone.stop(at + 0.2);
    });
  };
}
