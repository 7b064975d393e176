import { totals } from '@chirm/client';
import { useEffect } from 'react';
import { useRoute } from 'wouter';
import { basePath } from '../../app/base';
import { useSelect } from '../../app/ClientContext';
import { Title } from '../../app/Title';
import { useRoomName } from '../rooms/roomName';

/** Of a room, and of the list; other pages have a title of their own. */
export function PageTitle() {
  const [, params] = useRoute('/r/:room/:place?');
  const room = useSelect((state) => state.rooms[params?.room ?? '']);
  const { unread } = useSelect((state) => totals(state.rooms));
  const name = useRoomName(room);
  useBadge(unread);
  return <Title place={name} />;
}

/** A dot on the tab's icon, and a number on the icon of the installed app. */
function useBadge(unread: number): void {
  const waits = unread > 0;
  useEffect(() => {
    const icon = document.querySelector<HTMLLinkElement>('link[rel=icon]');
    if (icon) icon.href = `${basePath}/${waits ? 'icon-unread.svg' : 'icon.svg'}`;
  }, [waits]);
  useEffect(() => {
    const badge: Partial<Pick<Navigator, 'setAppBadge'>> = navigator;
    void badge.setAppBadge?.call(navigator, unread).catch(() => {});
  }, [unread]);
}
