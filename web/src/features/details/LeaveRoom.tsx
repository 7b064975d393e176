import type { Room } from '@chirm/client';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'wouter';
import { useClient } from '../../app/ClientContext';
import { Confirm } from '../../ui/Confirm';
import { useRoomName } from '../rooms/roomName';

/** Asks, then leaves. */
export function LeaveRoom({ room, onClose }: { room: Room; onClose(): void }) {
  const { t } = useTranslation();
  const { api, store } = useClient();
  const [path, navigate] = useLocation();
  const name = useRoomName(room);
  const leave = async () => {
    await api.leave(room.id);
    if (path.startsWith(`/r/${room.id}`)) navigate('/', { replace: true });
    store.dispatch({ type: 'room_gone', room: room.id });
  };
  return (
    <Confirm
      title={t('details.leave_title', { room: name })}
      text={t(`details.leave_text_${room.kind === 'group' ? 'group' : 'channel'}`)}
      deed={t('details.leave_do', { room: name })}
      act={leave}
      onClose={onClose}
    />
  );
}
