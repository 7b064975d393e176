import type { AdminRoom } from '@chirm/client';
import { Plus } from 'lucide-react';
import { useCallback, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { useClient } from '../../app/ClientContext';
import { dateTime } from '../../lib/time';
import { Button } from '../../ui/Button';
import { Field } from '../../ui/Field';
import { Select } from '../../ui/Select';
import { AdminCreateRoom } from './AdminCreateRoom';
import { Cell, Listing, Row } from './Listing';
import { usePaged } from './usePaged';

const KINDS = ['all', 'channel', 'group', 'direct'] as const;

export function AdminRooms() {
  const { t } = useTranslation();
  const { api } = useClient();
  const [q, setQ] = useState('');
  const [kind, setKind] = useState<(typeof KINDS)[number]>('all');
  const [creating, setCreating] = useState(false);
  const fetchPage = useCallback(
    async (cursor?: string) => {
      const page = await api.admin.rooms({ q, ...(kind !== 'all' && { kind }), ...(cursor && { cursor }) });
      return { items: page.rooms, next: page.next_cursor ?? null };
    },
    [api, q, kind],
  );
  const { items, failure, more, reload } = usePaged<AdminRoom>(fetchPage);
  return (
    <div className="grid gap-4">
      <div className="flex flex-wrap items-end gap-3">
        <Field
          label={t('admin.search')}
          value={q}
          onChange={setQ}
          className="min-w-40 flex-1"
          input={{ autoComplete: 'off' }}
        />
        <Select
          label={t('admin.kind')}
          value={kind}
          options={KINDS.map((id) => ({ id, label: t(`admin.kind_${id}`) }))}
          onChange={setKind}
        />
        <Button onPress={() => setCreating(true)}>
          <Plus aria-hidden size={18} />
          {t('admin.create_room')}
        </Button>
      </div>
      <Listing
        label={t('admin.tab_rooms')}
        heads={['name', 'kind', 'members', 'online', 'messages', 'created']}
        items={items}
        failure={failure}
        more={more}
        row={(room) => (
          <Row key={room.id}>
            <Cell at="title">
              <Link
                href={`/admin/rooms/${room.id}`}
                className="font-semibold text-accent underline underline-offset-2 [overflow-wrap:anywhere] touch:inline-grid touch:min-h-11 touch:min-w-11 touch:items-center"
              >
                {room.name ?? t('admin.direct_room')}
              </Link>
              {room.archived_at && <span className="ms-2 text-soft italic">{t('room.archived')}</span>}
            </Cell>
            <Cell head="kind">{t(`admin.kind_${room.kind}`)}</Cell>
            <Cell head="members">{room.members}</Cell>
            <Cell head="online">{room.online}</Cell>
            <Cell head="messages">{room.messages}</Cell>
            <Cell head="created">{dateTime(Date.parse(room.created_at))}</Cell>
          </Row>
        )}
      />
      {creating && <AdminCreateRoom onClose={() => setCreating(false)} onCreated={reload} />}
    </div>
  );
}
