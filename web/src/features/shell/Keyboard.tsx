import { roomList } from '@chirm/client';
import { useEffect } from 'react';
import { useLocation, useRoute } from 'wouter';
import { useClient } from '../../app/ClientContext';
import { useOpenDialog } from './Dialogs';
import { type ShortcutId, shortcutFor } from './keys';
import { nextRegion } from './regions';

/** The page's shortcuts. Nothing here is a single letter, so nothing gets in the way of typing. */
export function Keyboard() {
  const { store } = useClient();
  const open = useOpenDialog();
  const [, navigate] = useLocation();
  const [, params] = useRoute('/r/:room/:place?');
  const current = params?.room;

  useEffect(() => {
    const step = (by: 1 | -1, unreadOnly: boolean) => {
      const all = roomList(store.get());
      const here = all.findIndex((room) => room.id === current);
      const order =
        by === 1
          ? [...all.slice(here + 1), ...all.slice(0, Math.max(here, 0))]
          : [...all.slice(0, Math.max(here, 0)).reverse(), ...all.slice(here + 1).reverse()];
      const target = order.find((room) => !unreadOnly || room.unread > 0);
      if (target) navigate(`/r/${target.id}`);
    };
    const perform: Record<ShortcutId, (event: KeyboardEvent) => void> = {
      switcher: () => open('switcher'),
      help: () => open('keys'),
      previous: () => step(-1, false),
      next: () => step(1, false),
      previous_unread: () => step(-1, true),
      next_unread: () => step(1, true),
      regions: () => nextRegion(),
    };
    const pressed = (event: KeyboardEvent) => {
      const id = shortcutFor(event);
      if (!id || document.querySelector('[role=dialog],[role=alertdialog]')) return;
      event.preventDefault();
      perform[id](event);
    };
    window.addEventListener('keydown', pressed);
    return () => window.removeEventListener('keydown', pressed);
  }, [store, open, navigate, current]);
  return null;
}
