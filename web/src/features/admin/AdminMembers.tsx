import type { AdminMember, AdminRoom, Person } from '@chirm/client';
import { UserPlus } from 'lucide-react';
import { useCallback, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useClient } from '../../app/ClientContext';
import { useAction } from '../../lib/useAction';
import { Button } from '../../ui/Button';
import { Dialog } from '../../ui/Dialog';
import { PeoplePicker } from '../../ui/PeoplePicker';
import { Problem } from '../../ui/Problem';
import { Section } from '../../ui/Section';
import { AdminMemberRow } from './AdminMemberRow';
import { Listing } from './Listing';
import { usePaged } from './usePaged';

export function AdminMembers({ room }: { room: AdminRoom }) {
  const { t } = useTranslation();
  const { api } = useClient();
  const [adding, setAdding] = useState(false);
  const fetchPage = useCallback(
    async (cursor?: string) => {
      const page = await api.admin.members(room.id, cursor ? { cursor } : {});
      return { items: page.members, next: page.next_cursor ?? null };
    },
    [api, room.id],
  );
  const { items, failure, more, reload } = usePaged<AdminMember>(fetchPage);
  return (
    <Section title={t('details.members')}>
      {room.kind !== 'direct' && (
        <Button look="outline" small onPress={() => setAdding(true)} className="justify-self-start">
          <UserPlus aria-hidden size={17} />
          {t('details.add')}
        </Button>
      )}
      <Listing
        label={t('details.members')}
        heads={['name', 'role', 'presence', 'read', 'actions']}
        items={items}
        failure={failure}
        more={more}
        row={(member) => <AdminMemberRow key={member.user} room={room} member={member} onChanged={reload} />}
      />
      {adding && <AddMembers room={room} onClose={() => setAdding(false)} onAdded={reload} />}
    </Section>
  );
}

function AddMembers({ room, onClose, onAdded }: { room: AdminRoom; onClose(): void; onAdded(): void }) {
  const { t } = useTranslation();
  const { api } = useClient();
  const [chosen, setChosen] = useState<Person[]>([]);
  const { run, busy, failure } = useAction(async () => {
    for (const person of chosen) await api.admin.putMember(room.id, person.id);
    onAdded();
  }, onClose);
  return (
    <Dialog title={t('details.add_to', { room: room.name ?? '' })} onClose={onClose}>
      <PeoplePicker chosen={chosen} onChange={setChosen} autoFocus />
      <Problem failure={failure} />
      <Button onPress={run} isPending={busy} isDisabled={chosen.length === 0}>
        {t('details.add_count', { count: chosen.length })}
      </Button>
    </Dialog>
  );
}
