import { totals } from '@chirm/client';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { useRoute } from 'wouter';
import { basePath } from '../../app/base';
import { useSelect } from '../../app/ClientContext';
import { useRoomName } from '../rooms/roomName';

/** "(3) lobby – Chirm": how much waits, and where we are. */
export function PageTitle() {
  const { t } = useTranslation();
  const [, params] = useRoute('/r/:room/:place?');
  const room = useSelect((state) => state.rooms[params?.room ?? '']);
  const { unread } = useSelect((state) => totals(state.rooms));
  const name = useRoomName(room);
  const count = unread > 0 ? `(${unread}) ` : '';
  useBadge(unread);
  return <title>{`${count}${name ? `${name} – ` : ''}${t('app.name')}`}</title>;
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
