import { calls, roomOrder } from '@chirm/client';
import { useEffect } from 'react';
import { useLocation, useRoute } from 'wouter';
import { useClient } from '../../app/ClientContext';
import { later } from '../../app/later';
import { preferences } from '../../app/preferences';
import { useOpenDialog } from './Dialogs';
import { isWriting, type ShortcutId, shortcutFor } from './keys';
import { stepRegion } from './regions';
import { useMarkAllRead } from './useMarkAllRead';

/** The page's shortcuts. Those of a single character hold only where nobody writes, and can be switched off. */
export function Keyboard() {
  const { store } = useClient();
  const open = useOpenDialog();
  const [, navigate] = useLocation();
  const [, params] = useRoute('/r/:room/:place?');
  const current = params?.room;
  const markAllRead = useMarkAllRead();

  useEffect(() => {
    const step = (by: 1 | -1, unreadOnly: boolean) => {
      const all = roomOrder(store.get());
      const here = all.findIndex((room) => room.id === current);
      const order =
        by === 1
          ? [...all.slice(here + 1), ...all.slice(0, Math.max(here, 0))]
          : [...all.slice(0, Math.max(here, 0)).reverse(), ...all.slice(here + 1).reverse()];
      const target = order.find((room) => !unreadOnly || calls(room) || later.get(room.id) !== undefined);
      if (target) navigate(`/r/${target.id}`);
    };
    const perform: Record<ShortcutId, (event: KeyboardEvent) => void> = {
      switcher: () => open('switcher'),
      mark_all_read: markAllRead,
      help: () => open('keys'),
      help_letter: () => open('keys'),
      previous: () => step(-1, false),
      next: () => step(1, false),
      previous_unread: () => step(-1, true),
      next_unread: () => step(1, true),
      regions: () => stepRegion(1),
      regions_back: () => stepRegion(-1),
    };
    const pressed = (event: KeyboardEvent) => {
      const id = shortcutFor(event, preferences().letters === 'on' && !isWriting(event.target));
      if (!id || document.querySelector('[role=dialog],[role=alertdialog]')) return;
      event.preventDefault();
      perform[id](event);
    };
    window.addEventListener('keydown', pressed);
    return () => window.removeEventListener('keydown', pressed);
  }, [store, open, navigate, current, markAllRead]);
  return null;
}
