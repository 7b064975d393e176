import type { Room } from '@chirm/client';
import { Archive, ArchiveRestore, Bell, BellOff, LogOut, Pencil } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useClient } from '../../app/ClientContext';
import { useAction } from '../../lib/useAction';
import { ActionRow } from '../../ui/ActionRow';
import { Problem } from '../../ui/Problem';
import { EditRoom } from './EditRoom';
import { LeaveRoom } from './LeaveRoom';

export function RoomActions({ room, mayManage }: { room: Room; mayManage: boolean }) {
  const { t } = useTranslation();
  const { api, store } = useClient();
  const [asked, setAsked] = useState<'edit' | 'leave' | null>(null);
  const update = useAction(async (change: { muted?: boolean; archived?: boolean }) => {
    store.dispatch({ type: 'room', room: (await api.updateRoom(room.id, change)).room });
  });
  return (
    <section aria-label={t('details.actions')} className="grid">
      <ActionRow
        icon={room.muted ? Bell : BellOff}
        label={t(room.muted ? 'details.unmute' : 'details.mute')}
        act={() => update.run({ muted: !room.muted })}
      />
      {mayManage && <ActionRow icon={Pencil} label={t('details.edit')} act={() => setAsked('edit')} />}
      {mayManage && (
        <ActionRow
          icon={room.archived_at ? ArchiveRestore : Archive}
          label={t(room.archived_at ? 'details.unarchive' : 'details.archive')}
          act={() => update.run({ archived: !room.archived_at })}
        />
      )}
      {room.kind !== 'direct' && (
        <ActionRow icon={LogOut} label={t('details.leave')} act={() => setAsked('leave')} danger />
      )}
      <Problem failure={update.failure} />
      {asked === 'edit' && <EditRoom room={room} onClose={() => setAsked(null)} />}
      {asked === 'leave' && <LeaveRoom room={room} onClose={() => setAsked(null)} />}
    </section>
  );
}
