import type { Room } from '@chirm/client';
import { type RefObject, useCallback, useEffect } from 'react';
import { useClient } from '../../app/ClientContext';
import { lastSeen } from './position';

/** Counts as read what was on the screen while somebody was at it. Returns what to call when that may have changed. */
export function useReading(scroller: RefObject<HTMLElement | null>, room: Room): () => void {
  const { marks } = useClient();
  const { id, unread } = room;
  const note = useCallback(() => {
    if (unread === 0 || !scroller.current || document.visibilityState === 'hidden' || !document.hasFocus()) return;
    marks.read(id, lastSeen(scroller.current));
  }, [scroller, marks, id, unread]);

  useEffect(() => {
    note();
    window.addEventListener('focus', note);
    document.addEventListener('visibilitychange', note);
    return () => {
      window.removeEventListener('focus', note);
      document.removeEventListener('visibilitychange', note);
    };
  }, [note]);
  return note;
}
