import { useSyncExternalStore } from 'react';
import { draftedRooms, loadDraft as load, saveDraft as save } from './vault';

const listeners = new Set<() => void>();
let drafted: ReadonlySet<string> = new Set();
let asked = false;

export const loadDraft = load;

export function saveDraft(room: string, text: string): Promise<void> {
  if (drafted.has(room) !== (text !== '')) {
    const next = new Set(drafted);
    if (text) next.add(room);
    else next.delete(room);
    take(next);
  }
  return save(room, text);
}

/** The rooms in which something was begun and not sent. */
export function useDraftedRooms(): ReadonlySet<string> {
  return useSyncExternalStore(
    (changed) => {
      listeners.add(changed);
      if (!asked) {
        asked = true;
        draftedRooms().then(
          (rooms) => take(new Set([...rooms, ...drafted])),
          () => {},
        );
      }
      return () => listeners.delete(changed);
    },
    () => drafted,
  );
}

/** Whoever signs in next did not begin these. */
export function forgetDrafts(): void {
  take(new Set());
}

function take(next: ReadonlySet<string>): void {
  drafted = next;
  for (const listener of listeners) listener();
}
