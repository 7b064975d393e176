import type { Person, Room } from '@chirm/client';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useClient, useSelect } from '../../app/ClientContext';
import { useAction } from '../../lib/useAction';
import { Button } from '../../ui/Button';
import { Dialog } from '../../ui/Dialog';
import { PeoplePicker } from '../../ui/PeoplePicker';
import { Problem } from '../../ui/Problem';
import { useRoomName } from '../rooms/roomName';

export function AddPeople({ room, onClose }: { room: Room; onClose(): void }) {
  const { t } = useTranslation();
  const { api, people } = useClient();
  const name = useRoomName(room);
  const members = useSelect((state) => state.members[room.id]);
  const without = useMemo(() => new Set(members?.map(({ user }) => user)), [members]);
  const [chosen, setChosen] = useState<Person[]>([]);
  const { run, busy, failure } = useAction(async () => {
    for (const person of chosen) await api.putMember(room.id, person.id);
    await people.loadMembers(room.id);
  }, onClose);
  return (
    <Dialog title={t('details.add_to', { room: name })} onClose={onClose}>
      <PeoplePicker chosen={chosen} onChange={setChosen} without={without} autoFocus />
      <Problem failure={failure} />
      <Button onPress={run} isPending={busy} isDisabled={chosen.length === 0}>
        {t('details.add_count', { count: chosen.length })}
      </Button>
    </Dialog>
  );
}
