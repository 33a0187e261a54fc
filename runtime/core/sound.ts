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
      if (!self.on || typeof AudioContext === "undefined") return;
      context ??= new AudioContext();
      const audio = context;
      STRIKES[name].forEach((pitch, n) => {
        const at = audio.currentTime + n * 0.11;
        const tone = audio.createOscillator();
        const level = audio.createGain();
        // A knock on wood: the pitch falls at once and the sound is gone after an eighth of a second.
        tone.type = "triangle";
        tone.frequency.setValueAtTime(pitch * 1.5, at);
        tone.frequency.exponentialRampToValueAtTime(pitch, at + 0.03);
        level.gain.setValueAtTime(0.25, at);
        level.gain.exponentialRampToValueAtTime(0.001, at + 0.13);
        tone.connect(level).connect(audio.destination);
        tone.start(at);
        tone.stop(at + 0.14);
      });
    },
    close() {
      context?.close();
    },
  };
  return self;
}
