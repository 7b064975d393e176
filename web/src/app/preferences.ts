import { useSyncExternalStore } from 'react';

/** What can be chosen on this device, and among what; the first is what holds until then. */
export const CHOICES = {
  theme: ['system', 'light', 'dark', 'contrast'],
  density: ['cosy', 'compact'],
  size: ['normal', 'small', 'large', 'larger'],
  clock: ['system', '12', '24'],
  language: ['system', 'en', 'de', 'ar'],
  send: ['enter', 'mod_enter'],
  motion: ['system', 'reduced'],
  letters: ['on', 'off'],
  announce: ['on', 'off'],
  notify: ['off', 'all', 'mentions'],
  preview: ['on', 'off'],
  sound: ['off', 'soft', 'loud'],
} as const;

export type Choice = keyof typeof CHOICES;
export type Preferences = { readonly [K in Choice]: (typeof CHOICES)[K][number] };

const KEY = 'chirm-preferences';
const listeners = new Set<() => void>();
let current = read();

/** Whatever is stored, by whichever version: what is not understood is as if it had never been chosen. */
export function parsePreferences(stored: string | null): Preferences {
  const known = parsed(stored);
  const chosen = Object.entries(CHOICES).map(([name, options]) => {
    const value = options.find((option) => option === known[name]);
    return [name, value ?? options[0]];
  });
  return Object.fromEntries(chosen) as Preferences;
}

function parsed(stored: string | null): Record<string, unknown> {
  try {
    return Object(JSON.parse(stored ?? '{}')) as Record<string, unknown>;
  } catch {
    return {};
  }
}

/** Storage may be closed to the page, as in some private windows. */
function read(): Preferences {
  try {
    return parsePreferences(localStorage.getItem(KEY));
  } catch {
    return parsePreferences(null);
  }
}

function write(next: Preferences): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(next));
  } catch {
    // Then it holds for as long as the page lives.
  }
}

function take(next: Preferences): void {
  current = next;
  for (const listener of listeners) listener();
}

export function preferences(): Preferences {
  return current;
}

export function choose<K extends Choice>(name: K, value: Preferences[K]): void {
  const next = { ...current, [name]: value };
  write(next);
  take(next);
}

export function onPreferences(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** One choice, as it is now; renders again when it changes, here or in another tab. */
export function usePreference<K extends Choice>(name: K): Preferences[K] {
  return useSyncExternalStore(onPreferences, () => current[name]);
}

/** Other tabs choose too. */
export function followOtherTabs(): void {
  window.addEventListener('storage', (event) => {
    if (event.key === KEY) take(parsePreferences(event.newValue));
  });
}
