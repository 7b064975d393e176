import { useSyncExternalStore } from 'react';
import { basePath } from './base';
import { draftedRooms, loadDraft as load, saveDraft as save } from './vault';

interface Draft {
  room: string;
  text: string;
}

const listeners = new Set<() => void>();
const readers = new Set<(draft: Draft) => void>();
/** The other tabs of this device. What was saved last holds in all of them. */
const tabs = new BroadcastChannel(`chirm-drafts${basePath}`);
let drafted: ReadonlySet<string> = new Set();
let asked = false;

export const loadDraft = load;

export function saveDraft(room: string, text: string): Promise<void> {
  const draft: Draft = { room, text };
  note(draft);
  // Before it is stored: a page that is closing does nothing afterwards.
  tabs.postMessage(draft);
  return save(room, text);
}

tabs.onmessage = ({ data }: MessageEvent<Draft>) => {
  note(data);
  for (const read of readers) read(data);
};

/** Hears what another tab saved. */
export function onDraft(read: (draft: Draft) => void): () => void {
  readers.add(read);
  return () => readers.delete(read);
}

function note({ room, text }: Draft): void {
  if (drafted.has(room) === (text !== '')) return;
  const next = new Set(drafted);
  if (text) next.add(room);
  else next.delete(room);
  take(next);
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
