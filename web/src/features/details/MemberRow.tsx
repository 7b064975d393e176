import type { Member, PresenceRow, Role, Room } from '@chirm/client';
import { Ellipsis, MessageCircle, Shield, UserMinus } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useClient, useSelect } from '../../app/ClientContext';
import { ago } from '../../lib/time';
import { useAction } from '../../lib/useAction';
import { useOpenDirect } from '../../lib/useOpenDirect';
import { Avatar } from '../../ui/Avatar';
import { Confirm } from '../../ui/Confirm';
import { type Deed, MenuButton } from '../../ui/MenuButton';
import { Problem } from '../../ui/Problem';

interface Props {
  room: Room;
  member: Member;
  presence: PresenceRow | undefined;
  mayManage: boolean;
}

const NEXT_ROLES: Record<Role, Role[]> = {
  owner: ['admin', 'member'],
  admin: ['owner', 'member'],
  member: ['owner', 'admin'],
};

export function MemberRow({ room, member, presence, mayManage }: Props) {
  const { t } = useTranslation();
  const { api, people } = useClient();
  const me = useSelect((state) => state.me?.id === member.user);
  const openDirect = useOpenDirect();
  const [removing, setRemoving] = useState(false);
  const setRole = useAction(
    (role: Role) => api.putMember(room.id, member.user, role),
    () => void people.loadMembers(room.id),
  );
  const remove = () => api.removeMember(room.id, member.user).then(() => people.loadMembers(room.id));
  const seen =
    presence?.state === 'offline' && presence.last_seen
      ? t('presence.last_seen', { ago: ago(Date.parse(presence.last_seen)) })
      : null;

  const deeds: Deed[] = [
    ...(me
      ? []
      : [{ id: 'direct', label: t('details.message'), icon: MessageCircle, act: () => openDirect.run(member.user) }]),
    ...(mayManage && room.role === 'owner'
      ? NEXT_ROLES[member.role].map((role) => ({
          id: role,
          label: t(`details.make_${role}`),
          icon: Shield,
          act: () => setRole.run(role),
        }))
      : []),
    ...(mayManage && !me
      ? [{ id: 'remove', label: t('details.remove'), icon: UserMinus, danger: true, act: () => setRemoving(true) }]
      : []),
  ];
  return (
    <li className="flex flex-wrap items-center gap-x-3 rounded-box px-3 py-1 hover:bg-hover">
      <Avatar id={member.user} name={member.display_name} presence={presence?.state} />
      <div className="min-w-0 flex-1 leading-tight">
        <p dir="auto" className="truncate font-medium">
          {member.display_name} {me && <span className="text-soft">{t('details.you')}</span>}
        </p>
        <p dir={seen ? undefined : 'ltr'} className="truncate text-soft text-tiny">
          {seen ?? `@${member.username}`}
        </p>
      </div>
      {member.role !== 'member' && (
        <span className="rounded-full border border-line px-2 py-0.5 text-soft text-tiny">
          {t(`role.${member.role}`)}
        </span>
      )}
      {deeds.length > 0 && (
        <MenuButton
          icon={Ellipsis}
          label={t('details.member_menu', { name: member.display_name })}
          deeds={deeds}
          small
        />
      )}
      <Problem failure={setRole.failure ?? openDirect.failure} className="basis-full" />
      {removing && (
        <Confirm
          title={t('details.remove_title', { name: member.display_name })}
          text={t('details.remove_text')}
          deed={t('details.remove_do', { name: member.display_name })}
          act={remove}
          onClose={() => setRemoving(false)}
        />
      )}
    </li>
  );
}
