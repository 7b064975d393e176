import type { Room } from '@chirm/client';
import { UserPlus } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useClient, useSelect } from '../../app/ClientContext';
import { useAction } from '../../lib/useAction';
import { IconButton } from '../../ui/IconButton';
import { Problem } from '../../ui/Problem';
import { LineSkeleton } from '../../ui/Skeleton';
import { AddPeople } from './AddPeople';
import { MemberRow } from './MemberRow';
import { sortMembers } from './sortMembers';

export function MemberSection({ room, mayManage }: { room: Room; mayManage: boolean }) {
  const { t } = useTranslation();
  const { people } = useClient();
  const [adding, setAdding] = useState(false);
  const members = useSelect((state) => state.members[room.id]);
  const presence = useSelect((state) => state.presence);
  const online = useSelect((state) => state.online[room.id]);
  const load = useAction(() => people.loadMembers(room.id));
  // biome-ignore lint/correctness/useExhaustiveDependencies: small rooms are loaded already, large ones when they are looked at
  useEffect(() => {
    if (!members) load.run();
  }, [room.id]);
  return (
    <section aria-label={t('details.members')}>
      <div className="flex items-center justify-between ps-3">
        <h3 className="font-semibold text-note text-soft">
          {t('room.members', { count: room.members })}
          {online !== undefined && ` · ${t('details.online', { count: online })}`}
        </h3>
        {mayManage && <IconButton icon={UserPlus} label={t('details.add')} onPress={() => setAdding(true)} />}
      </div>
      <Problem failure={load.failure} />
      {!members && load.busy && <LineSkeleton count={4} />}
      <ul>
        {sortMembers(members ?? [], presence).map((member) => (
          <MemberRow
            key={member.user}
            room={room}
            member={member}
            presence={presence[member.user]}
            mayManage={mayManage}
          />
        ))}
      </ul>
      {members && members.length < room.members && (
        <p className="px-3 py-2 text-note text-soft">
          {t('details.more_members', { count: room.members - members.length })}
        </p>
      )}
      {adding && <AddPeople room={room} onClose={() => setAdding(false)} />}
    </section>
  );
}
