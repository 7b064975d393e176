import type { Room } from '@chirm/client';
import { Archive, ArchiveRestore, Pencil } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useClient } from '../../app/ClientContext';
import { useAction } from '../../lib/useAction';
import { ActionRow } from '../../ui/ActionRow';
import { Problem } from '../../ui/Problem';
import { useRoomDeeds } from '../rooms/useRoomDeeds';
import { EditRoom } from './EditRoom';

export function RoomActions({ room, mayManage }: { room: Room; mayManage: boolean }) {
  const { t } = useTranslation();
  const { api, store } = useClient();
  const [editing, setEditing] = useState(false);
  const { deeds, asked, failure } = useRoomDeeds(room);
  const archive = useAction(async () => {
    store.dispatch({ type: 'room', room: (await api.updateRoom(room.id, { archived: !room.archived_at })).room });
  });
  const mine = deeds.filter(({ danger }) => !danger);
  const last = deeds.filter(({ danger }) => danger);
  return (
    <section aria-label={t('details.actions')} className="grid">
      {mine.map((deed) => (
        <ActionRow key={deed.id} {...deed} />
      ))}
      {mayManage && <ActionRow icon={Pencil} label={t('details.edit')} act={() => setEditing(true)} />}
      {mayManage && (
        <ActionRow
          icon={room.archived_at ? ArchiveRestore : Archive}
          label={t(room.archived_at ? 'details.unarchive' : 'details.archive')}
          act={archive.run}
        />
      )}
      {last.map((deed) => (
        <ActionRow key={deed.id} {...deed} />
      ))}
      <Problem failure={failure ?? archive.failure} />
      {editing && <EditRoom room={room} onClose={() => setEditing(false)} />}
      {asked}
    </section>
  );
}
