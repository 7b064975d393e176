import type { AdminRoom } from '@chirm/client';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'wouter';
import { useClient } from '../../app/ClientContext';
import { useAction } from '../../lib/useAction';
import { Button } from '../../ui/Button';
import { Confirm } from '../../ui/Confirm';
import { Problem } from '../../ui/Problem';
import { Section } from '../../ui/Section';

export function RoomDanger({ room, onChanged }: { room: AdminRoom; onChanged(): void }) {
  const { t } = useTranslation();
  const { api } = useClient();
  const [, navigate] = useLocation();
  const [deleting, setDeleting] = useState(false);
  const name = room.name ?? t('admin.direct_room');
  const archive = useAction(() => api.admin.updateRoom(room.id, { archived: !room.archived_at }), onChanged);
  const remove = () => api.admin.deleteRoom(room.id).then(() => navigate('/admin/rooms', { replace: true }));
  return (
    <Section title={t('admin.danger')} text={t('admin.danger_text')}>
      <Problem failure={archive.failure} />
      <div className="flex flex-wrap gap-2">
        {room.kind !== 'direct' && (
          <Button look="outline" onPress={archive.run} isPending={archive.busy}>
            {t(room.archived_at ? 'details.unarchive' : 'details.archive')}
          </Button>
        )}
        <Button look="danger" onPress={() => setDeleting(true)}>
          {t('admin.delete_room')}
        </Button>
      </div>
      {deleting && (
        <Confirm
          title={t('admin.delete_title', { room: name })}
          text={t('admin.delete_text', { count: room.messages })}
          deed={t('admin.delete_do', { room: name })}
          act={remove}
          onClose={() => setDeleting(false)}
        />
      )}
    </Section>
  );
}
