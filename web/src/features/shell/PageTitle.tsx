import { totals } from '@chirm/client';
import { useTranslation } from 'react-i18next';
import { useRoute } from 'wouter';
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
  return <title>{`${count}${name ? `${name} – ` : ''}${t('app.name')}`}</title>;
}
