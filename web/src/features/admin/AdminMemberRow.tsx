import type { AdminMember, AdminRoom, Role } from '@chirm/client';
import { UserMinus } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useClient } from '../../app/ClientContext';
import { ago } from '../../lib/time';
import { useAction } from '../../lib/useAction';
import { Confirm } from '../../ui/Confirm';
import { IconButton } from '../../ui/IconButton';
import { Problem } from '../../ui/Problem';
import { Select } from '../../ui/Select';
import { Cell, Row } from './Listing';

const ROLES: readonly Role[] = ['owner', 'admin', 'member'];

interface Props {
  room: AdminRoom;
  member: AdminMember;
  onChanged(): void;
}

export function AdminMemberRow({ room, member, onChanged }: Props) {
  const { t } = useTranslation();
  const { api } = useClient();
  const setRole = useAction((role: Role) => api.admin.putMember(room.id, member.user, role), onChanged);
  const [removing, setRemoving] = useState(false);
  const present = member.state !== 'offline' || !member.last_seen;
  return (
    <Row>
      <Cell at="title">
        <span className="[overflow-wrap:anywhere]">
          <bdi className="font-medium">{member.display_name}</bdi>{' '}
          <bdi dir="ltr" className="font-normal text-soft">
            @{member.username}
          </bdi>
        </span>
        <Problem failure={setRole.failure} />
      </Cell>
      <Cell head="role">
        {room.kind === 'direct' ? (
          t(`role.${member.role}`)
        ) : (
          <div className="w-max">
            <Select
              label={t('admin.role_of', { name: member.display_name })}
              hideLabel
              value={member.role}
              options={ROLES.map((id) => ({ id, label: t(`role.${id}`) }))}
              onChange={setRole.run}
            />
          </div>
        )}
      </Cell>
      <Cell head="presence">
        {present
          ? t(`presence.${member.state}`)
          : t('presence.last_seen', { ago: ago(Date.parse(member.last_seen ?? '')) })}
      </Cell>
      <Cell head="read">{member.read_seq}</Cell>
      <Cell at="actions">
        {room.kind !== 'direct' && (
          <IconButton
            icon={UserMinus}
            label={t('admin.remove_member', { name: member.display_name })}
            onPress={() => setRemoving(true)}
          />
        )}
        {removing && (
          <Confirm
            title={t('details.remove_title', { name: member.display_name })}
            text={t('details.remove_text')}
            deed={t('details.remove_do', { name: member.display_name })}
            act={() => api.admin.removeMember(room.id, member.user).then(onChanged)}
            onClose={() => setRemoving(false)}
          />
        )}
      </Cell>
    </Row>
  );
}
