import type { AdminUser, Role } from '@chirm/client';
import { Ellipsis, LogOut, UserCheck, UserX } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useClient, useSelect } from '../../app/ClientContext';
import { dateTime } from '../../lib/time';
import { useAction } from '../../lib/useAction';
import { Avatar } from '../../ui/Avatar';
import { Confirm } from '../../ui/Confirm';
import { type Deed, MenuButton } from '../../ui/MenuButton';
import { Problem } from '../../ui/Problem';
import { Select } from '../../ui/Select';
import { Cell, Row } from './Listing';

const ROLES: readonly Role[] = ['owner', 'admin', 'member'];

export function AdminUserRow({ user, onChanged }: { user: AdminUser; onChanged(): void }) {
  const { t } = useTranslation();
  const { api } = useClient();
  const me = useSelect((state) => state.me);
  const [asked, setAsked] = useState<'disable' | 'sign_out' | null>(null);
  const self = user.id === me?.id;
  const update = useAction(
    (change: { role?: Role; disabled?: boolean }) => api.admin.updateUser(user.id, change),
    onChanged,
  );
  const mayChangeRole = me?.role === 'owner' || user.role === 'member';
  const deeds: Deed[] = [
    { id: 'sign_out', label: t('admin.sign_out'), icon: LogOut, act: () => setAsked('sign_out') },
    user.disabled_at
      ? { id: 'enable', label: t('admin.enable'), icon: UserCheck, act: () => update.run({ disabled: false }) }
      : { id: 'disable', label: t('admin.disable'), icon: UserX, danger: true, act: () => setAsked('disable') },
  ];
  const confirmed = {
    disable: () => api.admin.updateUser(user.id, { disabled: true }),
    sign_out: () => api.admin.signOutUser(user.id),
  };
  return (
    <Row>
      <Cell at="title">
        <span className="flex items-center gap-2.5">
          <Avatar id={user.id} name={user.display_name} size="small" />
          <span className="min-w-0 [overflow-wrap:anywhere]">
            <span dir="auto" className="block font-medium">
              {user.display_name}
            </span>
            <span className="block font-normal text-soft">
              <bdi dir="ltr">@{user.username}</bdi>
              {user.guest && ` · ${t('me.guest')}`}
              {user.disabled_at && ` · ${t('admin.disabled')}`}
            </span>
          </span>
        </span>
        <Problem failure={update.failure} />
      </Cell>
      <Cell head="role">
        {self || !mayChangeRole ? (
          t(`role.${user.role}`)
        ) : (
          <div className="w-max">
            <Select
              label={t('admin.role_of', { name: user.display_name })}
              hideLabel
              value={user.role}
              options={ROLES.map((id) => ({ id, label: t(`role.${id}`) }))}
              onChange={(role) => update.run({ role })}
            />
          </div>
        )}
      </Cell>
      <Cell head="connections">{user.connections}</Cell>
      <Cell head="created">{dateTime(Date.parse(user.created_at))}</Cell>
      <Cell at="actions">
        {!self && (
          <MenuButton icon={Ellipsis} label={t('details.member_menu', { name: user.display_name })} deeds={deeds} />
        )}
        {asked && (
          <Confirm
            title={t(`admin.${asked}_title`, { name: user.display_name })}
            text={t(`admin.${asked}_text`)}
            deed={t(`admin.${asked}_do`, { name: user.display_name })}
            act={() => confirmed[asked]().then(onChanged)}
            onClose={() => setAsked(null)}
          />
        )}
      </Cell>
    </Row>
  );
}
