import { useCallback, useEffect, useRef, useState } from 'react';
import { loadDraft, onDraft, saveDraft } from '../../app/drafts';

const SAVE_MS = 500;

/** The text that was begun in a room; outlives the page, and is the same in all tabs. */
export function useDraft(room: string): [string, (text: string) => void] {
  const [text, setText] = useState('');
  const touched = useRef(false);
  const unsaved = useRef<string | null>(null);

  const save = useCallback(() => {
    if (unsaved.current !== null) saveDraft(room, unsaved.current).catch(() => {});
    unsaved.current = null;
  }, [room]);

  useEffect(() => {
    let left = false;
    loadDraft(room)
      .then((stored) => left || touched.current || setText(stored))
      .catch(() => {});
    window.addEventListener('pagehide', save);
    const deaf = onDraft((draft) => {
      // What is being written here will be saved in a moment, and then holds.
      if (draft.room !== room || unsaved.current !== null) return;
      touched.current = true;
      setText(draft.text);
    });
    return () => {
      left = true;
      window.removeEventListener('pagehide', save);
      deaf();
      save();
    };
  }, [room, save]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: counts from the last change of the text
  useEffect(() => {
    const timer = setTimeout(save, SAVE_MS);
    return () => clearTimeout(timer);
  }, [text, save]);

  const change = useCallback((next: string) => {
    touched.current = true;
    unsaved.current = next;
    setText(next);
  }, []);
  return [text, change];
}
