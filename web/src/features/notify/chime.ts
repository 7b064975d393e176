import type { Preferences } from '../../app/preferences';

const VOLUME: Record<Preferences['sound'], number> = { off: 0, soft: 0.04, loud: 0.2 };
/** In hertz: a voice, and one that answers a fourth above. */
const TONES = [659.25, 880];
const APART_S = 0.12;
const FADE_S = 0.5;

let context: AudioContext | undefined;

/** Two short tones, made here: there is no file to fetch, and nothing that the page's policy would have to allow. */
export async function chime(level: Preferences['sound']): Promise<void> {
  // Before anything was ever pressed, browsers keep a page silent; it shall not make up for that later.
  if (level === 'off' || !navigator.userActivation?.hasBeenActive) return;
  context ??= new AudioContext();
  await context.resume();
  for (const [i, hertz] of TONES.entries()) sing(context, hertz, context.currentTime + i * APART_S, VOLUME[level]);
}

function sing(audio: AudioContext, hertz: number, at: number, volume: number): void {
  const tone = new OscillatorNode(audio, { type: 'sine', frequency: hertz });
  const fade = new GainNode(audio, { gain: volume });
  fade.gain.setValueAtTime(volume, at);
  fade.gain.exponentialRampToValueAtTime(volume / 1000, at + FADE_S);
  tone.connect(fade).connect(audio.destination);
  tone.start(at);
  tone.stop(at + FADE_S);
}
