import type { Room, UpdateRoomRequest } from '@chirm/client';
import { Bell, BellOff, LogOut, MailOpen, MessageSquareDot, Star, StarOff } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useClient } from '../../app/ClientContext';
import { later, useLater } from '../../app/later';
import { useAction } from '../../lib/useAction';
import type { Deed } from '../../ui/MenuButton';
import { LeaveRoom } from '../details/LeaveRoom';

/** What anybody may do with a room of theirs, for every place that offers it; and what that asks or says. */
export function useRoomDeeds(room: Room) {
  const { t } = useTranslation();
  const { api, store, marks } = useClient();
  const marked = useLater()[room.id] !== undefined;
  const [leaving, setLeaving] = useState(false);
  const update = useAction(async (change: UpdateRoomRequest) => {
    store.dispatch({ type: 'room', room: (await api.updateRoom(room.id, change)).room });
  });
  const readAll = () => {
    later.clear(room.id);
    marks.read(room.id, room.last_seq);
  };
  const unread = room.unread > 0 || marked;
  const deeds: Deed[] = [
    {
      id: 'favourite',
      label: t(room.favourite ? 'details.unfavourite' : 'details.favourite'),
      icon: room.favourite ? StarOff : Star,
      act: () => update.run({ favourite: !room.favourite }),
    },
    {
      id: 'mute',
      label: t(room.muted ? 'details.unmute' : 'details.mute'),
      icon: room.muted ? Bell : BellOff,
      act: () => update.run({ muted: !room.muted }),
    },
  ];
  if (unread) deeds.push({ id: 'read', label: t('details.mark_read'), icon: MailOpen, act: readAll });
  else if (room.last_seq > 0)
    deeds.push({
      id: 'unread',
      label: t('details.mark_unread'),
      icon: MessageSquareDot,
      act: () => later.mark(room.id, room.last_seq),
    });
  const leave: Deed = {
    id: 'leave',
    label: t('details.leave'),
    icon: LogOut,
    danger: true,
    act: () => setLeaving(true),
  };
  if (room.kind !== 'direct') deeds.push(leave);
  const asked: ReactNode = leaving && <LeaveRoom room={room} onClose={() => setLeaving(false)} />;
  return { deeds, asked, failure: update.failure };
}
