import type { Room } from '@chirm/client';
import { useTranslation } from 'react-i18next';

type Named = Pick<Room, 'kind' | 'name' | 'peer'>;

/** What a room is called: its name, or the other person's. */
export function useRoomName(room: Named | undefined): string {
  const { t } = useTranslation();
  return room ? (room.name ?? room.peer?.display_name ?? t('room.unnamed')) : '';
}

export function roomTitle(room: Named): string {
  return room.name ?? room.peer?.display_name ?? '';
}
