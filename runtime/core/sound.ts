/** Short wooden sounds, made and not loaded. */

type Sound = "pick" | "drop" | "join" | "wrong" | "win";

/** Pitches in hertz, struck one after the other. */
const STRIKES: Readonly<Record<Sound, readonly number[]>> = {
  pick: [620],
  drop: [310],
  join: [392, 588],
  wrong: [170, 150],
  win: [392, 494, 588, 784],
};

export interface Sounds {
  on: boolean;
  play(name: Sound): void;
  close(): void;
}

/** Silent until `on`; the audio context is made at the first sound, which a person's own touch allows. */
export function sounds(): Sounds {
  let context: AudioContext | undefined;
  const self: Sounds = {
    on: false,
    play(name) {
      if (!self.on) return;
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
    },
    close() {
      context?.close();
    },
  };
  return self;
}
