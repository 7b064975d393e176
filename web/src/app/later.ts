import { useSyncExternalStore } from 'react';

/** Per room the message from which on it is to be read again. */
export type Later = Readonly<Record<string, number>>;

const KEY = 'chirm-later';
const NOTHING: Later = {};
const listeners = new Set<() => void>();
let current: Later = read();

/**
 * Rooms that somebody marked as unread. What the server knows of reading only rises, so that no device can take back what
 * another one read; this is a note to oneself and stays on the device, in all of its tabs.
 */
export const later = {
  get: (room: string): number | undefined => current[room],
  mark: (room: string, seq: number): void => put({ ...current, [room]: seq }),
  clear(room: string): void {
    if (current[room] === undefined) return;
    const { [room]: _gone, ...rest } = current;
    put(rest);
  },
  clearAll: (): void => put(NOTHING),
};

export function useLater(): Later {
  return useSyncExternalStore(
    (changed) => {
      listeners.add(changed);
      return () => listeners.delete(changed);
    },
    () => current,
  );
}

window.addEventListener('storage', ({ key }) => {
  if (key === KEY) take(read());
});

function put(next: Later): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(next));
  } catch {
    // Then the note lives as long as the page.
  }
  take(next);
}

function take(next: Later): void {
  current = next;
  for (const listener of listeners) listener();
}

function read(): Later {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(KEY) ?? '{}');
    const entries = Object.entries(Object(stored) as object).filter(([, seq]) => Number.isInteger(seq));
    return Object.fromEntries(entries) as Later;
  } catch {
    return NOTHING;
  }
}
