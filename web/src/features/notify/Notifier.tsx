import type { Message } from '@chirm/client';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'wouter';
import { basePath } from '../../app/base';
import { useClient } from '../../app/ClientContext';
import { preferences } from '../../app/preferences';
import { plain } from '../../lib/markdown/plain';
import { chime } from './chime';
import { isWorthNotice } from './isWorthNotice';
import { permission } from './permission';
import { watchTabs } from './tabs';
import { takeBack } from './takeBack';

const EXCERPT = 200;

/** Tells about messages while nobody looks at any of the tabs, once for all of them; without a sound but the one that was chosen. */
export function Notifier() {
  const client = useClient();
  const { t } = useTranslation();
  const [, navigate] = useLocation();

  useEffect(() => {
    const tabs = watchTabs();
    const tell = async (message: Message) => {
      const { rooms, me, people } = client.store.get();
      const room = rooms[message.room];
      if (!me || !isWorthNotice(message, room, me.id, preferences().notify) || permission() !== 'granted') return;
      if (!(await tabs.mayTell())) return;
      const author = people[message.author]?.display_name ?? t('notify.somebody');
      const where =
        room?.kind === 'direct' ? author : t('notify.title', { name: author, room: room?.name || t('room.unnamed') });
      const registration = await navigator.serviceWorker.ready;
      await registration.showNotification(where, {
        body: preferences().preview === 'on' ? excerpt(message.body) : t('notify.hidden'),
        // One per room: a later message takes the place of an earlier one.
        tag: `${basePath}/${message.room}`,
        icon: `${basePath}/icon-192.png`,
        silent: true,
        data: { room: message.room, seq: message.seq, path: `/r/${message.room}/${message.seq}` },
      });
      await chime(preferences().sound);
    };
    const stopHearing = client.onArrival((message) => void tell(message).catch(() => {}));
    return () => {
      stopHearing();
      tabs.stop();
    };
  }, [client, t]);

  // What was read, here or on another device, calls nobody any more.
  useEffect(
    () =>
      client.store.subscribe(({ rooms }, previous) => {
        const read = Object.values(rooms).some(({ id, read_seq }) => read_seq > (previous.rooms[id]?.read_seq ?? -1));
        if (read && permission() === 'granted') void takeBack(navigator.serviceWorker.ready, rooms).catch(() => {});
      }),
    [client],
  );

  useEffect(() => {
    const workers: ServiceWorkerContainer | undefined = navigator.serviceWorker;
    const open = ({ data }: MessageEvent<{ open?: string }>) => data.open && navigate(data.open);
    workers?.addEventListener('message', open);
    return () => workers?.removeEventListener('message', open);
  }, [navigate]);
  return null;
}

function excerpt(body: string): string {
  return [...plain(body)].slice(0, EXCERPT).join('');
}
